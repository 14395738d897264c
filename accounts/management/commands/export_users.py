"""`manage.py export_users`: users and what they own as lines of JSON."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.dynamo import transfer
from accounts.errors import StoreNotConfigured, StoreUnavailable


class Command(BaseCommand):
    help = (
        "Write all users and what they own (watchlists, saved comparisons, API keys) as lines of JSON, for "
        "import_users at another DynamoDB. Passwords and keys are in it as hashes only; keep the file to yourself all "
        "the same. Sign-ins are not in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", help='Where to write; "-" is the standard output. The file appears when it is whole.'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = self._print() if options["file"] == "-" else self._write(Path(options["file"]))
        except (StoreNotConfigured, StoreUnavailable, OSError) as error:
            raise CommandError(f"Nothing was exported. {error}") from error
        self.stderr.write(f"Exported {count} rows.")

    def _print(self) -> int:
        count = -2  # the first line and the last
        for line in transfer.export_lines():
            self.stdout.write(line)
            count += 1
        return count

    def _write(self, target: Path) -> int:
        part = target.with_name(f"{target.name}.part")
        count = -2
        # Only the owner reads it: hashes can be guessed at.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            for line in transfer.export_lines():
                file.write(f"{line}\n")
                count += 1
        part.replace(target)
        return count
