"""`manage.py invite_user`: let one person make an account."""

import time
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import links, mail
from accounts.people import sign_up


class Command(BaseCommand):
    help = "Print the address at which one person can make an account within a week, and mail it where mail is set up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="The e-mail address of the account, which you answer for.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ACCOUNTS_SIGN_UP == "closed":
            raise CommandError("Sign-up is closed. Set ACCOUNTS_SIGN_UP to invite or open first.")
        email = options["email"]
        try:
            if email:
                validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        self.stdout.write(sign_up.invite(email, base=links.base_of(None), now=int(time.time())))
        mail.wait_until_sent()
