"""Rows of the tables that are written when bars arrive: findings of the checks, corrections, splits and dividends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from analytics.queries.errors import QueryError
from analytics.queries.figures import NO_BREAK_SPACE, clock, day, thousands
from analytics.queries.provenance import provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.rows import Made, Row, Rows, newest_first_of
from analytics.queries.symbols import bars_view, require_symbols
from market.lake.snapshots import Part
from market.lake.tables import PARTITION_COLUMNS
from market.months import Month

FINDINGS, CORRECTIONS, ACTIONS = "quality_findings", "corrections", "corporate_actions"
# As many newest symbol-months as a page looks through when no symbol is chosen.
MOST_PARTS = 200


class NotChecked(QueryError):
    """There are bars that the checks have not seen."""

    code = "not_checked"

    def __init__(self, symbol: str) -> None:
        super().__init__(f"The bars of {symbol} were not checked yet. Run `manage.py check_quality`.")


def finding_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per (session, symbol, kind), newest session first. Raises NoBars, SymbolUnknown, NotChecked."""
    require_symbols(bars_view(reader), symbols)
    checked = reader.view(FINDINGS).months
    for symbol in symbols:
        if symbol not in checked:
            raise NotChecked(symbol)
    return _rows(reader, FINDINGS, "session", symbols, first, last)


def correction_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per corrected bar, newest bar first; usually there are none. Raises NoBars, SymbolUnknown."""
    return _rows(reader, CORRECTIONS, "bar_start", symbols, first, last)


def action_rows(reader: LakeReader, symbols: Sequence[str], first: date, last: date) -> Rows:
    """Return one row per split or dividend, newest first. Raises NoBars, SymbolUnknown."""
    return _rows(reader, ACTIONS, "session", symbols, first, last)


def _rows(reader: LakeReader, name: str, time_column: str, symbols: Sequence[str], first: date, last: date) -> Rows:
    empty = Made(reader.view(name).snapshot.table.schema.empty_table(), ())

    def nothing(bars: TableView, sources: tuple[str, ...]) -> Made:
        return empty

    return newest_first_of(reader, name, time_column, {symbol: (symbol,) for symbol in symbols}, first, last, nothing)


@dataclass(frozen=True)
class Recent:
    """The newest findings, newest session first; `checked` symbol-months were looked at of `there_are`."""

    findings: pa.Table
    symbols: Sequence[str]
    checked: int
    there_are: int

    @property
    def alarms(self) -> int:
        return len(self.rows("alarm"))

    def sentence(self) -> str:
        """Say in one sentence what was found."""
        if not self.there_are:
            return "Nothing was checked yet: `manage.py check_quality` checks the bars that are there."
        if not self.alarms:
            return f"The checks found nothing to look at in {self.checked:,} months of bars."
        sessions = {(row["symbol"], row["session"]) for row in self.rows("alarm")}
        kinds = Counter(row["kind"].replace("_", " ") for row in self.rows("alarm"))
        most = ", ".join(f"{count}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}{kind}" for kind, count in kinds.most_common(3))
        plural = "" if len(sessions) == 1 else "s"
        return f"{len(sessions):,} session{plural} to look at in {self.checked:,} months of bars: {most}."

    def rows(self, severity: str = "") -> list[Row]:
        found = self.findings
        if severity:
            found = found.filter(pc.equal(found["severity"], pa.scalar(severity)))
        return [{**row, "label": row["kind"].replace("_", " ").capitalize()} for row in found.to_pylist()]


def recent_findings(reader: LakeReader, symbol: str = "") -> Recent:
    """Return the findings of the newest symbol-months, of one symbol or of all. Raises LakeUnreachable."""
    view = reader.view(FINDINGS)
    parts = [part for part in view.parts if not symbol or part.symbol == symbol]
    newest = _newest(parts)
    found = _read_parts(reader, view, newest).sort_by(
        [("session", "descending"), ("symbol", "ascending"), ("kind", "ascending")]
    )
    return Recent(found, sorted(view.months), len(newest), len(parts))


@dataclass(frozen=True)
class Corrected:
    """Corrected bars of `what`, newest bar first; `searched` symbol-months were looked through of `there_are`."""

    what: str
    rows: Rows
    searched: int
    there_are: int

    def sentence(self) -> str:
        """Say in one sentence what was corrected."""
        if not len(self.rows):
            return f"No bar{self.what} was corrected after it was first here"
        kinds = Counter(self.rows.table["kind"].to_pylist())
        said = ", ".join(f"{thousands(kinds[kind])} {words}" for kind, words in _KINDS.items() if kinds[kind])
        bars, last = thousands(len(self.rows)), clock(pc.max(self.rows.table["seen_at"]).as_py())
        what = f"{bars} bar{'' if len(self.rows) == 1 else 's'}{self.what}"
        return f"{what} corrected after they were first here: {said}. The last was noticed on {last} ET"


_KINDS = {"changed": "changed", "late": "late", "withdrawn": "withdrawn"}


def recent_corrections(reader: LakeReader, symbol: str = "", session: date | None = None) -> Corrected:
    """Return the corrections of the newest symbol-months, narrowed on request. Raises NoBars, LakeUnreachable."""
    bars, view = bars_view(reader), reader.view(CORRECTIONS)
    month = str(Month.of(session)) if session else ""
    parts = [part for part in view.parts if symbol in ("", part.symbol) and month in ("", part.month)]
    newest = _newest(parts)
    found = _read_parts(reader, view, newest)
    if session:
        found = found.filter(pc.equal(found["session"], pa.scalar(session)))
    ordered = found.sort_by([("bar_start", "descending"), ("symbol", "ascending"), ("seen_at", "descending")])
    what = (f" of {symbol}" if symbol else "") + (f" on {day(session)}" if session else "")
    return Corrected(what, Rows(ordered, provenance_of(reader, bars, newest, view)), len(newest), len(parts))


def _newest(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.month, part.symbol), reverse=True)[:MOST_PARTS]


def _read_parts(reader: LakeReader, view: TableView, parts: Sequence[Part]) -> pa.Table:
    """Return the rows of some parts with their symbol as the last column."""
    schema = view.snapshot.table.schema
    columns = [name for name in schema.names if name not in PARTITION_COLUMNS]
    tables = [pa.schema([schema.field(name) for name in columns]).append(schema.field("symbol")).empty_table()]
    for part in parts:
        rows = reader.read(view, part, columns)
        tables.append(rows.append_column("symbol", pa.array([part.symbol] * rows.num_rows, pa.string())))
    return pa.concat_tables(tables)
