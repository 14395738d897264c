"""`manage.py check_user_claims`: do users and e-mail claims agree?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.dynamo import claims
from accounts.errors import StoreNotConfigured, StoreUnavailable


class Command(BaseCommand):
    help = "Compare users with the e-mail addresses that are claimed, and list what does not agree. Exit code 1 if so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Drop claims without a user and claim the unclaimed.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = claims.compare()
            if found and options["repair"]:
                self._list(found)
                claims.repair(found)
                found = claims.compare()
        except (StoreNotConfigured, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
        self._list(found)
        if found:
            raise CommandError("Users and e-mail claims disagree. --repair mends all but addresses held by two users.")
        self.stdout.write("Users and e-mail claims agree.")

    def _list(self, found: claims.Disagreements) -> None:
        for email, name in found.orphans:
            self.stdout.write(f"{email} is claimed by {name}, who does not use it")
        for name, email in found.unclaimed:
            self.stdout.write(f"{name} uses {email} without a claim")
        for name, email in found.clashes:
            self.stdout.write(f"{name} uses {email}, which is claimed by somebody else")
