"""What `process_prices` is asked for and what it answers."""

from dataclasses import dataclass

from analytics.transforms.catalog import TRANSFORMS
from market.lake.snapshots import Part


class ProcessFailed(Exception):
    """A run could not finish. What it had committed stays; every table shows whole parts."""


class NoBars(ProcessFailed):
    """There is nothing to process."""


class BarsIncomplete(ProcessFailed):
    """An engine saw other rows than the version of the bars has."""


class ResultWrong(ProcessFailed):
    """An engine wrote other rows or columns than it had to; they were not committed."""


@dataclass(frozen=True)
class ProcessRequest:
    """Which derived tables to bring up to date with the bars, for which symbols (None: all), on which engine.

    `universe` are the symbols that are compared in pairs (None: all that have bars).
    """

    engine: str
    tables: tuple[str, ...] = tuple(TRANSFORMS)
    symbols: tuple[str, ...] | None = None
    full: bool = False
    universe: tuple[str, ...] | None = None


@dataclass(frozen=True)
class TableReport:
    """What happened to one derived table; `version` is the one readers see now."""

    name: str
    version: int
    computed: tuple[Part, ...] = ()
    removed: tuple[Part, ...] = ()
    rows: int = 0

    def __add__(self, later: "TableReport") -> "TableReport":
        return TableReport(
            self.name,
            max(self.version, later.version),
            self.computed + later.computed,
            self.removed + later.removed,
            self.rows + later.rows,
        )


@dataclass(frozen=True)
class ProcessReport:
    """The outcome of a run; `symbols_without_bars` were asked for and could not be processed."""

    run_id: str
    engine: str
    bars_version: int
    tables: tuple[TableReport, ...]
    symbols_without_bars: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return any(table.computed or table.removed for table in self.tables)
