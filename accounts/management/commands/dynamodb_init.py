"""`manage.py dynamodb_init`: create the DynamoDB tables of accounts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.dynamo import setup
from accounts.errors import StoreNotConfigured, StoreUnavailable


class Command(BaseCommand):
    help = "Create the DynamoDB tables of accounts where they are missing. Running it again changes nothing."
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own spelling

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = setup.create_tables()
        except (StoreNotConfigured, StoreUnavailable, RuntimeError) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(f"Created {', '.join(created)}." if created else "All tables are there.")
