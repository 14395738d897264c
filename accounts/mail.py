"""Mails to people, from the templates in templates/mail; the first line of each is the subject.

They are sent beside the request that asked for them: a slow mail server holds up no answer, and the time of an answer
does not tell whether there was anybody to write to. A mail that cannot be sent is logged and not kept; whoever waits
for it asks for another.
"""

import logging
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

WAITING_LIMIT = 200
_room = threading.BoundedSemaphore(WAITING_LIMIT)


@cache
def _pool() -> ThreadPoolExecutor:
    # At the first mail, so after the web server has forked. The interpreter waits for it at its end.
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def send(kind: str, to: str | None, **facts: Any) -> None:
    """Hand over a mail to be sent, if mail is configured and there is an address. Returns at once."""
    if not (settings.MAIL_CONFIGURED and to):
        return
    if not _room.acquire(blocking=False):
        logger.error("a mail was not sent: too many are waiting", extra={"mail": kind})
        return
    _pool().submit(_send_and_make_room, kind, to, facts)


def _send_and_make_room(kind: str, to: str, facts: dict[str, Any]) -> None:
    try:
        deliver(kind, to, **facts)
    finally:
        _room.release()


def deliver(kind: str, to: str, **facts: Any) -> bool:
    """Send a mail now; say whether the mail server took it."""
    subject, _, body = render_to_string(f"mail/{kind}.txt", facts).partition("\n")
    try:
        EmailMessage(subject.strip(), body.strip() + "\n", to=[to]).send()
    except (OSError, smtplib.SMTPException) as error:
        # The error's own text may quote the mail, and with it the link.
        logger.error("a mail was not sent", extra={"mail": kind, "error": type(error).__name__})
        return False
    return True


def wait_until_sent() -> None:
    """Return when every mail handed over so far was sent or given up."""
    for _ in range(WAITING_LIMIT):
        _room.acquire()
    _room.release(WAITING_LIMIT)
