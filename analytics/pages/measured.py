"""Tables of figures: measures down the side, symbols across, and for each group what it rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from analytics.formulas.figures import Figure
from analytics.queries.figures import MISSING, clock, day, direction, thousands

Write = Callable[[float], str]
Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Note:
    """What figures rest on, or why there are none; `warns` where that is too little to say much."""

    text: str
    warns: bool = False


@dataclass(frozen=True)
class Cell:
    """`direction` is set for changes, which show it; `detail` stands beneath."""

    text: str
    direction: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """Without a `column` the label is no measure of the registry and is not explained."""

    label: str
    cells: Sequence[Cell]
    notes: Sequence[Note] = ()
    table: str = ""
    column: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under a heading; what all of them rest on is said once, with the heading."""

    heading: str
    rows: Sequence[Row]
    notes: Sequence[Note] = ()


@dataclass(frozen=True)
class Line:
    """How a measure is written in a table of figures."""

    column: str
    label: str
    write: Write
    is_change: bool = False


@dataclass(frozen=True)
class Block:
    """Measures that stand together."""

    heading: str
    lines: Sequence[Line]


def groups_of(table: str, blocks: Sequence[Block], figures: Mapping[str, Figures]) -> list[Group]:
    """Return the groups of a table of the registry; `figures` has one column per symbol or pair."""
    return [_group(block.heading, [_row(table, line, figures) for line in block.lines]) for block in blocks]


def _row(table: str, line: Line, figures: Mapping[str, Figures]) -> Row:
    each = {name: column[line.column] for name, column in figures.items()}
    cells = [_cell(figure.value, line) for figure in each.values()]
    return Row(line.label, cells, notes_on(each), table, line.column)


def _cell(value: float | None, line: Line) -> Cell:
    if value is None:
        return Cell(MISSING)
    return Cell(line.write(value), direction(round(value, 4)) if line.is_change else "")


def _group(heading: str, rows: list[Row]) -> Group:
    """Say once what all rows say."""
    if not rows or any(row.notes != rows[0].notes for row in rows):
        return Group(heading, rows)
    return Group(heading, [replace(row, notes=()) for row in rows], rows[0].notes)


def notes_on(figures: Figures) -> list[Note]:
    """Say what the figures of a row rest on: once where it is the same for all, else by name."""
    said: dict[Note, list[str]] = {}
    for name, figure in figures.items():
        said.setdefault(note_on(figure), []).append(name)
    if len(said) == 1:
        return list(said)
    return [Note(f"{' and '.join(names)}: {note.text}", note.warns) for note, names in said.items()]


def note_on(figure: Figure) -> Note:
    """
    >>> note_on(Figure(0.5, 21, "session returns")).text
    '21 session returns'
    """
    if figure.reason or figure.warning:
        return Note(figure.reason or figure.warning or "", warns=True)
    return Note(f"{thousands(figure.sample)} {figure.sample_of}")


def drawdown_rows(details: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Say of each symbol when its deepest fall began, ended, and was made good."""
    drops = [detail["drawdown"] for detail in details]
    if not any(drops):
        return []
    return [
        Row("Fell from its peak on", [_moment(drop and drop["peak"]) for drop in drops]),
        Row("Was lowest on", [_moment(drop and drop["trough"]) for drop in drops]),
        Row("Made good on", [_moment(drop["recovered"], "not yet") if drop else _moment(None) for drop in drops]),
    ]


def _moment(instant: str | None, otherwise: str = MISSING) -> Cell:
    return Cell(clock(datetime.fromisoformat(instant)) if instant else otherwise)


def period_group(details: Sequence[Mapping[str, Any]], write: Write, notes: Sequence[Note]) -> Group:
    """Name the best and the worst session, week and month of each symbol."""
    rows = []
    for name in (f"{which}_{period}" for period in ("session", "week", "month") for which in ("best", "worst")):
        label = name.replace("_", " ").capitalize()
        rows.append(Row(label, [_period(detail[name], name, write) for detail in details], (), "periods", name))
    return Group("Best and worst", rows, notes)


def _period(found: Mapping[str, Any] | None, name: str, write: Write) -> Cell:
    if found is None:
        return Cell(MISSING)
    when = day(date.fromisoformat(found["from"]))
    detail = when if name.endswith("session") else f"from {when}"
    return Cell(write(found["return"]), direction(found["return"]), detail)
