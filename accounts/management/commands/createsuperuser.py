"""Django's createsuperuser, with DynamoDB's refusals as messages."""

from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand
from django.core.management.base import CommandError
from django.db import IntegrityError

from accounts.errors import StoreNotConfigured, StoreUnavailable


class Command(DjangoCommand):
    def handle(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().handle(*args, **options)
        except IntegrityError as error:
            raise CommandError("That user name or e-mail address is already taken.") from error
        except (StoreNotConfigured, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
