"""What a command shows while it works."""

import io
import os
import pty
from typing import IO

import pytest

from market.progress import open_progress


def test_elsewhere_than_on_a_terminal_each_step_is_a_line() -> None:
    stream = io.StringIO()

    with open_progress(stream) as progress:
        progress.start("Fetching 2 symbol-months", 2)
        progress.advance("AAPL 2026-10: added")
        progress.note("MSFT 2026-10: asking again")
        progress.advance("MSFT 2026-10: added")

    assert stream.getvalue().splitlines() == [
        "Fetching 2 symbol-months",
        "[1/2] AAPL 2026-10: added",
        "MSFT 2026-10: asking again",
        "[2/2] MSFT 2026-10: added",
    ]


def show_and_be_interrupted(stream: IO[str]) -> None:
    with open_progress(stream) as progress:
        progress.start("Fetching [bold]", 2)
        progress.advance("AAPL 2026-10: [added]")
        raise KeyboardInterrupt


def read_until(terminal: int, end: str) -> str:
    """Return what is on the terminal up to `end`; a terminal gives it in pieces."""
    shown = b""
    while end.encode() not in shown:
        shown += os.read(terminal, 65_536)
    return shown.decode()


def test_on_a_terminal_a_bar_is_drawn_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    controller, terminal = pty.openpty()

    with os.fdopen(terminal, "w") as stream:
        with pytest.raises(KeyboardInterrupt):
            show_and_be_interrupted(stream)
        shown = read_until(controller, "\x1b[?25h")
    os.close(controller)

    assert "Fetching" in shown
    assert "1/2" in shown
    assert "AAPL 2026-10: [added]" in shown
    assert shown.rindex("\x1b[?25h") > shown.index("\x1b[?25l")  # the cursor is shown again
