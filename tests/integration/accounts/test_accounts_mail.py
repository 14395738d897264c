"""Mails through a real SMTP conversation, and what happens when the mail server is slow or refuses."""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from accounts import mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
TOKEN = re.compile(r"token=|eyJ")
released = threading.Event()


class Stuck(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        released.wait(30)
        return len(email_messages)


class Refusing(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError(f"could not send {email_messages[0].body}")


class SmtpConversation(socketserver.StreamRequestHandler):
    """Says yes to everything and keeps what it is given."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        in_body = False
        for line in self.rfile:
            if in_body:
                in_body = line != b".\r\n"
                self.server.lines.append(line.decode())  # type: ignore[attr-defined]  # set below
            elif line.upper().startswith(b"DATA"):
                in_body = True
                self.wfile.write(b"354 go on\r\n")
                continue
            if not in_body:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def smtp_server() -> Iterator[tuple[int, list[str]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SmtpConversation) as server:
        server.daemon_threads = True
        lines: list[str] = []
        server.lines = lines  # type: ignore[attr-defined]  # read by the conversation
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], lines
        server.shutdown()


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> Iterator[None]:
    settings.MAIL_CONFIGURED = True
    released.clear()
    yield
    released.set()
    mail.wait_until_sent()


def ask() -> Any:
    return Client().post("/sign-up/", {"email": "ada@example.org"})


def test_a_mail_goes_out_by_smtp(settings: Any) -> None:
    settings.SITE_URL = "https://stocks.example"
    with smtp_server() as (port, lines):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
        ask()
        mail.wait_until_sent()

    text = "".join(lines)
    assert "Subject: Create your StockCompare account" in text
    assert "To: ada@example.org" in text
    assert "https://stocks.example/sign-up/confirm/?token" in text


def test_a_stuck_mail_server_holds_up_no_answer(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Stuck"

    answered = ask().status_code

    assert answered == 302
    assert not released.is_set(), "the answer came while the mail was still being sent"


def test_too_many_waiting_mails_are_dropped_with_a_word(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Stuck"
    for _ in range(mail.WAITING_LIMIT + 1):
        mail.send("email_changed", "ada@example.org", username="ada", email="new@example.org")

    assert "a mail was not sent: too many are waiting" in caplog.text


@pytest.mark.parametrize("way", ["refused", "nobody listens"])
def test_a_mail_that_cannot_be_sent_is_logged_without_its_link(
    settings: Any, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    if way == "nobody listens":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    assert ask().status_code == 302
    mail.wait_until_sent()

    failed = [record for record in caplog.records if record.message == "a mail was not sent"]
    assert [record.__dict__["error"] for record in failed] == ["ConnectionRefusedError"]
    assert [record for record in caplog.records if TOKEN.search(str(record.__dict__))] == []
