"""Mails that the site sends, and the links in them."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage

from accounts import mail


class Mailbox:
    def all(self) -> list[EmailMessage]:
        """Return every mail that was asked for so far."""
        mail.wait_until_sent()
        return list(getattr(django_mail, "outbox", []))

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.all() if message.to == [address]]

    def path(self, address: str) -> str:
        """Return the path and query of the only link in the last mail to an address."""
        body = str(self.to(address)[-1].body)
        (link,) = re.findall(r"https?://\S+", body)
        parts = urlsplit(link)
        return f"{parts.path}?{parts.query}"

    def token(self, address: str) -> str:
        return parse_qs(urlsplit(self.path(address)).query)["token"][0]


@pytest.fixture
def mailbox(settings: object) -> Iterator[Mailbox]:
    """Configure mail; the value has what was sent."""
    settings.MAIL_CONFIGURED = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    django_mail.outbox = []
    yield Mailbox()
    mail.wait_until_sent()
