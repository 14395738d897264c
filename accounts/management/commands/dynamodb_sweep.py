"""`manage.py dynamodb_sweep`: delete expired sign-ins and sign-in attempts."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.dynamo import setup
from accounts.errors import StoreNotConfigured, StoreUnavailable


class Command(BaseCommand):
    help = (
        "Delete expired sign-ins and sign-in attempts. AWS does so by itself; the embedded server does not. They count "
        "for nothing in any case."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            deleted = setup.sweep(time.time())
        except (StoreNotConfigured, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Deleted {deleted} expired rows.")
