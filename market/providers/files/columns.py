"""How a table of bars is laid out: stated by a column map, or told from its header or its first line."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from market.providers.labels import Label
from market.providers.zones import Zone

VALUES = ("open", "high", "low", "close", "volume")
# Column names that are understood without a map, lower case.
_SYNONYMS = {
    "stamp": ("timestamp", "datetime", "date_time", "bar_start", "ts_utc", "ts"),
    "date": ("date", "day"),
    "time": ("time",),
    "symbol": ("symbol", "ticker"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "v", "vol"),
}
# A stamp, four prices and the volume.
_FEWEST_COLUMNS = 6
_DATE = r"(?:\d{4}-?\d\d-?\d\d|\d\d/\d\d/\d{4})"
_TIME = r"\d\d:?\d\d(?::?\d\d)?"
_STAMP = re.compile(rf"{_DATE}[ T]{_TIME}")


class LayoutUnknown(ValueError):
    """Nobody has said where which value stands; the message says how to."""


class NoBars(ValueError):
    """The file is no table of minute bars, nor meant to be one."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Names in the header, or positions from 1 on, of each value; and what is stated of the stamps.

    Either `stamp`, or `date` and `time`. Without `symbol` the file's name says whose bars they are.
    """

    stamp: str | None = None
    date: str | None = None
    time: str | None = None
    symbol: str | None = None
    open: str | None = None
    high: str | None = None
    low: str | None = None
    close: str | None = None
    volume: str | None = None
    stamp_format: str | None = None
    zone: Zone | None = None
    label: Label | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `stamp=when,open=o,zone=utc`. Raises LayoutUnknown."""
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return cls.of({name.strip(): value.strip() for name, _, value in pairs})

    @classmethod
    def of_toml(cls, text: str) -> Self:
        """Read the same from TOML. Raises LayoutUnknown."""
        try:
            return cls.of(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise LayoutUnknown(f"The column map is no TOML: {error}") from error

    @classmethod
    def of(cls, entries: Mapping[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in entries.items():
            if name not in known or not isinstance(value, str | int) or value == "":
                raise LayoutUnknown(f"{name[:30]!r} is not known in a column map; it takes {', '.join(sorted(known))}.")
            values[name] = str(value)
        try:
            values |= {name: kind(values[name]) for name, kind in _STATED if name in values}
        except ValueError as error:
            raise LayoutUnknown("A column map takes zone new_york or utc, and label start or end.") from error
        return cls(**values)

    def stating(self, zone: Zone | None, label: Label | None) -> "ColumnMap":
        """Return the map with what the operator says, where that is something."""
        return replace(self, zone=zone or self.zone, label=label or self.label)

    @property
    def places(self) -> dict[str, str]:
        """Return where each value stands, of those that are named."""
        names = ("stamp", "date", "time", "symbol", *VALUES)
        return {name: place for name in names if (place := getattr(self, name))}


_STATED = (("zone", Zone), ("label", Label))


@dataclass(frozen=True, slots=True)
class Layout:
    """Position from 0 on of each value, and what is known of such files without looking at their stamps."""

    name: str
    positions: Mapping[str, int]
    has_header: bool
    usual_zone: Zone | None = None
    usual_label: Label | None = None
    stamp_format: str | None = None


def layout_of(first_line: Sequence[str], columns: ColumnMap) -> Layout:
    """Return the layout of a table by its first line. Raises LayoutUnknown."""
    if len(first_line) < _FEWEST_COLUMNS:
        raise NoBars(f"it has no table of bars: its first line is {','.join(first_line)[:60]!r}")
    names = [field.strip().strip('"').lstrip("\ufeff") for field in first_line]
    if columns.places:
        return _stated_layout(names, columns)
    lower = [name.lower() for name in names]
    if any(re.search(r"[a-z]{3}", name) for name in lower):
        return _header_layout(lower)
    return _headerless_layout(names)


def _stated_layout(names: Sequence[str], columns: ColumnMap) -> Layout:
    by_name = {name.lower(): position for position, name in enumerate(names)}
    positions = {}
    for value, place in columns.places.items():
        position = by_name.get(place.lower(), int(place) - 1 if place.isdigit() else -1)
        if not 0 <= position < len(names):
            raise LayoutUnknown(f"there is no column {place[:30]!r} ({value} by the column map)")
        positions[value] = position
    for name, position in _by_synonyms([name.lower() for name in names]).items():
        if name not in positions and name in VALUES:
            positions[name] = position
    has_header = not all(place.isdigit() for place in columns.places.values())
    return _checked(Layout("a column map", positions, has_header, stamp_format=columns.stamp_format))


def _header_layout(names: Sequence[str]) -> Layout:
    positions = _by_synonyms(names)
    if "stamp" not in positions and "date" not in positions and "time" in positions:
        # The header of Alpha Vantage's retired extended endpoint calls the whole stamp `time`.
        positions["stamp"] = positions.pop("time")
    if "stamp" not in positions and "date" in positions and "time" not in positions:
        positions["stamp"] = positions.pop("date")
    vendor = list(names[1:]) == list(VALUES) and names[0] in ("timestamp", "time", "datetime")
    return _checked(
        Layout(
            "Alpha Vantage CSV" if vendor else "a header",
            positions,
            has_header=True,
            usual_zone=Zone.NEW_YORK if vendor else None,
        )
    )


def _headerless_layout(first: Sequence[str]) -> Layout:
    if len(first) == 6 and _STAMP.match(first[0]):
        positions = {"stamp": 0, **{name: number for number, name in enumerate(VALUES, start=1)}}
        return _bought("FirstRate CSV", positions)
    if len(first) == 7 and re.fullmatch(_DATE, first[0]) and re.fullmatch(_TIME, first[1]):
        positions = {"date": 0, "time": 1, **{name: number for number, name in enumerate(VALUES, start=2)}}
        return _bought("Kibot CSV", positions)
    raise LayoutUnknown(f"the first line {','.join(first)[:60]!r} is none that is known; state the columns")


def _bought(name: str, positions: Mapping[str, int]) -> Layout:
    return Layout(name, positions, has_header=False, usual_zone=Zone.NEW_YORK, usual_label=Label.START)


def _by_synonyms(names: Sequence[str]) -> dict[str, int]:
    return {
        value: next(position for position, name in enumerate(names) if name in synonyms)
        for value, synonyms in _SYNONYMS.items()
        if any(name in synonyms for name in names)
    }


def _checked(layout: Layout) -> Layout:
    named = {position: value for value, position in layout.positions.items()}
    for value, position in layout.positions.items():
        if named[position] != value:
            raise LayoutUnknown(f"{value} and {named[position]} are both said to be column {position + 1}")
    missing = [name for name in VALUES if name not in layout.positions]
    if "stamp" not in layout.positions and not {"date", "time"} <= set(layout.positions):
        missing.insert(0, "stamp")
    if missing:
        raise LayoutUnknown(f"no column for {', '.join(missing)} is known; state them with --columns or columns.toml")
    return layout
