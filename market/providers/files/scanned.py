"""What was read of a folder: the files, what was decided about each, and their rows laid aside by symbol and month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from market.months import Month
from market.providers.files.conventions import Conventions, started
from market.providers.labels import FoundLabel

# A symbol and a month.
CellName = tuple[str, Month]


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of a zip, whose rows were laid aside; `shown` is its name for people."""

    path: Path
    shown: str
    sha256: str
    layout: str
    conventions: Conventions
    rows: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a member of a zip, that was not taken; `reason` ends "not taken: …"."""

    name: str
    reason: str


@dataclass
class Scanned:
    """What a folder holds. `refused` should have been bars; `skipped` are bars of another kind.

    `pieces` lie below `store` with their stamps as UTC instants, each beside the number of its source.
    """

    store: Path
    sources: list[Source] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    skipped: list[Refusal] = field(default_factory=list)
    pieces: dict[CellName, list[tuple[Path, int]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def symbols(self) -> list[str]:
        return sorted({symbol for symbol, _ in self.pieces})

    @property
    def months(self) -> list[Month]:
        return sorted({month for _, month in self.pieces})

    def table(self, symbol: str, month: Month) -> pa.Table:
        """Return the rows of one symbol-month from all files: `bar_start`, prices and volume."""
        tables = []
        for path, number in self.pieces[symbol, month]:
            rows = _read_piece(path)
            starts = started(rows["bar_start"], self.sources[number].conventions.label)
            tables.append(rows.set_column(0, "bar_start", starts))
        return pa.concat_tables(tables)

    def sources_of(self, symbol: str, month: Month) -> list[Source]:
        return [self.sources[number] for _, number in self.pieces[symbol, month]]

    def lay_aside(self, cell: CellName, table: pa.Table) -> None:
        """Keep rows of the source that is added next."""
        number = len(self.sources)
        path = self.store / f"{number:06}-{cell[0]}-{cell[1]}.arrow"
        with ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
        self.pieces[cell].append((path, number))

    def months_of_sources(self) -> list[frozenset[Month]]:
        months: list[set[Month]] = [set() for _ in self.sources]
        for (_, month), pieces in self.pieces.items():
            for _, number in pieces:
                months[number].add(month)
        return [frozenset(each) for each in months]

    def settle(self, labels: Sequence[FoundLabel | str]) -> None:
        """Give each source its label; one for which there is a reason instead is refused with it."""
        kept: dict[int, int] = {}
        sources: list[Source] = []
        for number, (source, label) in enumerate(zip(self.sources, labels, strict=True)):
            if isinstance(label, str):
                self.refused.append(Refusal(source.shown, label))
                continue
            kept[number] = len(sources)
            sources.append(replace(source, conventions=replace(source.conventions, label=label)))
        pieces = {
            cell: [(path, kept[number]) for path, number in of_cell if number in kept]
            for cell, of_cell in self.pieces.items()
        }
        self.sources, self.pieces = sources, {cell: of_cell for cell, of_cell in pieces.items() if of_cell}


def _read_piece(path: Path) -> pa.Table:
    with ipc.open_file(str(path)) as reader:
        table: pa.Table = reader.read_all()
        return table
