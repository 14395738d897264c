"""`manage.py ensure_admin`: the first administrator of a new installation."""

import json
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from accounts.errors import StoreNotConfigured, StoreUnavailable
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an administrator with a generated password if there is no superuser yet, and print both once. "
        "Prints nothing when there is one already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin", help="Name of the administrator (default: admin).")
        parser.add_argument("--json", action="store_true", help="Print one line of JSON instead of two lines of text.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(12)
        try:
            if User.objects.filter(is_superuser=True, is_active=True).exists():
                return
            user = User.objects.create_superuser(options["username"], None, password)
        except IntegrityError as error:
            message = f"{options['username']!r} exists and is no superuser. Choose another name with --username."
            raise CommandError(message) from error
        except (StoreNotConfigured, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"username": user.username, "password": password}))
        else:
            self.stdout.write(f"username: {user.username}\npassword: {password}")
