"""Who may fetch a cell. Processes that share a plan (market.backfill) never fetch one twice; alone, all is granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from market.ingest.outcomes import CellOutcome
from market.ingest.plan import Cell


class Standing(Enum):
    """Where a cell stands for a run that wants to fetch it."""

    GRANTED = auto()
    BUSY = auto()
    DONE = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Claim:
    """`detail` is a sentence that says why a cell was refused."""

    standing: Standing
    detail: str = ""


class Claims(Protocol):
    """The cells of a run among those of others. Each method may raise LedgerUnavailable."""

    def open(self, cells: Sequence[Cell], *, force: bool) -> None:
        """Make cells part of the plan, unless others have done so and finished them since this run began."""

    def close(self, cells: Sequence[Cell]) -> None:
        """Finish cells that are final in the lake, such as one whose run died between its commit and its settling."""

    def claim(self, cell: Cell) -> Claim:
        """Take a cell that nobody has. BUSY: another run is at it; DONE: one has fetched it since this run began."""

    def settle(self, outcome: CellOutcome) -> None:
        """Say what came of a cell that was granted; one that was not tried is there for others again."""


class OpenClaims:
    """Grants everything: for a process that shares its lake with no other."""

    def open(self, cells: Sequence[Cell], *, force: bool) -> None:
        pass

    def close(self, cells: Sequence[Cell]) -> None:
        pass

    def claim(self, cell: Cell) -> Claim:
        return Claim(Standing.GRANTED)

    def settle(self, outcome: CellOutcome) -> None:
        pass
