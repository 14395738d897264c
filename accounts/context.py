"""What every page knows of accounts without looking at its user."""

from django.conf import settings
from django.http import HttpRequest


def sign_up(_request: HttpRequest) -> dict[str, object]:
    """`sign_up` is open, invite or closed; `mail` says whether mails are sent."""
    return {"sign_up": settings.ACCOUNTS_SIGN_UP, "mail": settings.MAIL_CONFIGURED}
