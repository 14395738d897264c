"""docs/settings.md lists what the settings module reads, and nothing else."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
# Read by the AWS SDK or before the settings module's own readers.
READ_ELSEWHERE = {"AWS_DEFAULT_REGION", "ENV_FILE"}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    source = (REPOSITORY / "stockcompare/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source))
    documented = set(
        re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+|DEBUG|HTTPS)`", (REPOSITORY / "docs/settings.md").read_text())
    )

    assert read - documented == set()
    assert documented - read - READ_ELSEWHERE == set()
