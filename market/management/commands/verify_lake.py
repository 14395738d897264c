"""`manage.py verify_lake`."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.progress import open_progress
from market.verify.run import verify_lake


class Command(BaseCommand):
    help = (
        "Check stored replies, manifests, table logs, files, counts, order, duplicates and orphans, and say what to do "
        "about each finding. Exit codes: 0 nothing is wrong, 1 something is."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="delete orphan files; nothing else is changed")
        parser.add_argument(
            "--orphan-hours",
            type=int,
            default=24,
            metavar="HOURS",
            help="files that no commit names count as orphans from this age on (default: 24, longer than any run)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        if options["orphan_hours"] < 1:
            raise CommandError("--orphan-hours: at least 1, or the files of a run under way would go.", returncode=2)
        age = timedelta(hours=options["orphan_hours"])
        try:
            with open_progress(self.stdout) as progress:
                report = verify_lake(configured_lake(), progress, orphan_age=age, repair=options["repair"])
        except LakeUnreachable as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(report.summary())
        if report.findings:
            raise CommandError("The lake is not as it must be; each line above says what to do.", returncode=1)
