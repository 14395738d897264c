"""`manage.py schedules`: the two scheduled jobs, created once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from stockcompare.schedules import SCHEDULES, ensure_schedules


class Command(BaseCommand):
    help = "Create the schedules that fetch prices after each session and process them. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        created = ensure_schedules(now=timezone.now())
        for wanted in SCHEDULES:
            self.stdout.write(f"{wanted.name}: {'created' if wanted.name in created else 'already there'}")
