"""`manage.py import_users`: take in what export_users wrote."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.dynamo import transfer
from accounts.errors import StoreNotConfigured, StoreUnavailable

CONFLICTS = 3


class Command(BaseCommand):
    help = (
        "Take in the users of an export and what they own. Writes what is missing and changes nothing that is there, "
        "so it can be run again, and goes on after a break. Exit code 0: all of the file is here now; 1: it could not "
        "be finished, run it again; 3: finished, but what is listed was left out because something else is in its "
        "place. Tables must be there (dynamodb_init)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help='A file of export_users; "-" is the standard input.')
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = transfer.Report()
        try:
            with self._open(options["file"]) as lines:
                transfer.import_lines(lines, report, dry_run=options["dry_run"])
        except (StoreNotConfigured, StoreUnavailable, transfer.BadFile, OSError, UnicodeDecodeError) as error:
            self._say(report, dry_run=options["dry_run"])
            raise CommandError(str(error)) from error
        self._say(report, dry_run=options["dry_run"])
        if report.conflicts:
            raise CommandError(f"{len(report.conflicts)} left out, as listed.", returncode=CONFLICTS)

    def _open(self, name: str) -> Any:
        return nullcontext(sys.stdin) if name == "-" else Path(name).open(encoding="utf-8")

    def _say(self, report: transfer.Report, *, dry_run: bool) -> None:
        for conflict in report.conflicts:
            self.stdout.write(f"left out: {conflict}")
        done = "would be written" if dry_run else "written"
        for name in ("users", "owned"):
            self.stdout.write(f"{name}: {report.new[name]} {done}, {report.there[name]} were here already")
