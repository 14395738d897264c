"""`python -m stockcompare.up.beside COMMAND …`: a management command beside a running `make up`, on its database."""

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")
    from django.conf import settings

    environment = os.environ | read_environment(environment_file(settings.VAR_DIR))
    os.execve(sys.executable, [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments], environment)  # noqa: S606  # replaces this process


def environment_file(var_dir: Path) -> Path:
    return var_dir / "run/environment"


def read_environment(file: Path) -> dict[str, str]:
    """Return what the running `make up` gave its children; nothing when none runs."""
    if not file.exists():
        return {}
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if line)


if __name__ == "__main__":
    main(sys.argv[1:])
