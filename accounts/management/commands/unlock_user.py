"""`manage.py unlock_user`: let somebody try a password again before the window ends."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import lockout
from accounts.errors import StoreNotConfigured, StoreUnavailable
from accounts.models import User


class Command(BaseCommand):
    help = "Forget the failed sign-ins of a user name or e-mail address in the current window."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("identifier", help="User name or e-mail address.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.find_by_identifier(options["identifier"])
            if user is None:
                raise CommandError(f"There is no user {options['identifier']!r}.")
            lockout.forget(user.username, now=time.time())
        except (StoreNotConfigured, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username} may try again.")
