"""Programs that need a process of their own, such as those that look at what is loaded."""

import os
import subprocess
import sys

from tests.conftest import REPOSITORY


def lines_of(program: str) -> list[str]:
    """Run a program with the settings of the tests and return what it prints; it must end well."""
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()
