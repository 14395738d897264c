"""What came of the cells of a run."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from market.ingest.plan import Cell
from market.providers.base import ReplyKind

DONE, FAILED, BAD_ARGUMENTS, PARTLY_DONE = 0, 1, 2, 3


class Result(StrEnum):
    """What became of a cell."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SETTLED = "already final"
    ELSEWHERE = "fetched by another run"
    WAITING = "nothing yet"
    FAILED = "failed"
    NOT_TRIED = "not tried"


_UNDONE = (Result.FAILED, Result.NOT_TRIED)
_CHANGES = (Result.ADDED, Result.UPDATED)


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """`bars` counts those of the reply; `detail` is a sentence for what was not done, `kind` the failure's class.

    `again` tells that the cell itself may be good: the key, the way to the provider or the lake failed. `source` is the
    provider that gave the bars, `passed` says why others before it did not.
    """

    cell: Cell
    result: Result
    bars: int = 0
    detail: str = ""
    kind: str = ""
    again: bool = False
    source: str = ""
    passed: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.detail:
            return f"{self.cell}: {self.result}. {self.detail}"
        bars = f", {self.bars:,} bars" if self.bars else ""
        source = f" from {self.source}. {' '.join(self.passed)}" if self.passed else ""
        return f"{self.cell}: {self.result}{bars}{source}"


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a run did; `outcomes` has every cell of the request. `stopped` says why it asked for no more, if it did."""

    run_id: str
    provider: str
    outcomes: tuple[CellOutcome, ...]
    stopped: str = ""
    alarms: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the table `bars` has a new version."""
        return any(outcome.result in _CHANGES for outcome in self.outcomes)

    @property
    def out_of_budget(self) -> bool:
        """Whether the day's requests are used up; more can be had tomorrow by itself."""
        return any(outcome.kind in (ReplyKind.BUDGET, ReplyKind.RATE_DAY) for outcome in self.outcomes)

    @property
    def undone(self) -> tuple[CellOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result in _UNDONE)

    @property
    def exit_code(self) -> int:
        if not self.undone:
            return DONE
        return FAILED if len(self.undone) == len(self.outcomes) else PARTLY_DONE

    def summary(self) -> str:
        """Return one line of counts, then one line for each cell that was not done."""
        counts = Counter(outcome.result for outcome in self.outcomes)
        parts = [f"{counts[result]} {result}" for result in Result if counts[result]]
        bars = sum(outcome.bars for outcome in self.outcomes if outcome.result in _CHANGES)
        doubts = f" The checks have {self.alarms} alarms; `/quality/` lists them." if self.alarms else ""
        head = f"{self.provider}: {', '.join(parts) or 'nothing to do'}; {bars:,} bars written.{doubts}"
        return "\n".join([head, *(f"  {line}" for line in self._lines())])

    def _lines(self) -> Iterator[str]:
        sources = Counter(outcome.source for outcome in self.outcomes if outcome.source)
        if len(sources) > 1:
            yield from (f"bars from {name}: {count} symbol-months" for name, count in sources.items())
        yield from self.left_out
        yield from (str(outcome) for outcome in self.outcomes if outcome.passed or outcome in self.undone)
