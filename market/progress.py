"""What a long command shows while it works: a bar on a terminal, plain lines elsewhere, nothing in a task."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar
    from rich.progress import TaskID


class TextStream(Protocol):
    """What a file and Django's `self.stdout` have in common."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...

    def isatty(self) -> bool: ...


class Progress(Protocol):
    """Told what is done; `total` is the number of steps that `advance` will report."""

    def start(self, title: str, total: int) -> None:
        """Begin a stage of `total` steps."""

    def advance(self, line: str) -> None:
        """One step is over; `line` says what came of it."""

    def note(self, line: str) -> None:
        """Show a line that is no step, such as a wait."""


class SilentProgress:
    """For tests and scheduled tasks, whose report is their return value."""

    def start(self, title: str, total: int) -> None:
        pass

    def advance(self, line: str) -> None:
        pass

    def note(self, line: str) -> None:
        pass


class LineProgress:
    """One line a step, for pipes and logs: `[2/12] AAPL 2026-10: 17,204 bars`."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self._total = self._done = 0

    def start(self, title: str, total: int) -> None:
        self._total, self._done = total, 0
        self.note(title)

    def advance(self, line: str) -> None:
        self._done += 1
        self.note(f"[{self._done}/{self._total}] {line}")

    def note(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class BarProgress:
    """A bar with the time left; finished steps scroll by above it."""

    def __init__(self, bar: "RichBar") -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def start(self, title: str, total: int) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(title, total=total)

    def advance(self, line: str) -> None:
        self.note(line)
        if self._task is not None:
            self._bar.advance(self._task)

    def note(self, line: str) -> None:
        self._bar.console.print(line, markup=False, highlight=False)


@contextmanager
def open_progress(stream: TextStream) -> Iterator[Progress]:
    """Show progress on a stream until the context ends; the terminal is left clean after an exception, too."""
    if not stream.isatty():
        yield LineProgress(stream)
        return
    # Costs 0.2 s of start-up, which a pipe need not pay.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichBar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with RichBar(*columns, console=Console(file=cast(IO[str], stream)), transient=True) as bar:
        yield BarProgress(bar)
