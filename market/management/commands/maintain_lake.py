"""`manage.py maintain_lake`."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.lake.upkeep import found_tables, upkeep


class Command(BaseCommand):
    help = (
        "Compact the tables, write checkpoints of their logs, and remove files that no version of the last "
        "LAKE_RETENTION_DAYS needs. Exit codes: 0 done, 1 failed."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        try:
            for table in found_tables(configured_lake()):
                self.stdout.write(str(upkeep(table, timedelta(days=settings.LAKE_RETENTION_DAYS))))
        except LakeUnreachable as error:
            raise CommandError(str(error), returncode=1) from error
