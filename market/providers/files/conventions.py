"""Decide clock and label of a whole file, and say how; a file whose clock does not tell is refused."""

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from market.calendar import NEW_YORK
from market.providers.files.columns import ColumnMap
from market.providers.files.tables import FileRows
from market.providers.labels import FoundLabel, Label, LabelContradictory, LabelUndecided, Sign, check_label, find_label
from market.providers.zones import (
    FoundZone,
    Zone,
    ZoneContradictory,
    ZoneUndecided,
    check_busy_hours,
    find_zone,
    in_new_york,
)

_UTC = pa.timestamp("s", tz="UTC")


@dataclass(frozen=True, slots=True)
class Conventions:
    """Without a label, neither the file nor anybody tells, and other files of its folder have to (`pooling`).

    With a refusal the file is not taken: its stamps say `label`, and somebody states another.
    """

    zone: FoundZone
    label: FoundLabel | None
    refusal: str = ""


def decide(rows: FileRows, columns: ColumnMap) -> Conventions:
    """Return what is stated, else certain, else found, else usual.

    Raises ZoneUndecided and ZoneContradictory.
    """
    zone = _zone(rows, columns)
    stamps = in_new_york(rows.stamps, zone.zone)
    if not rows.certain_zone:
        check_busy_hours(stamps, rows.values["volume"].to_numpy())
    try:
        return Conventions(zone, _label(rows, columns, stamps))
    except LabelContradictory as error:
        return Conventions(zone, error.found, str(error))


def _zone(rows: FileRows, columns: ColumnMap) -> FoundZone:
    if rows.certain_zone:
        return FoundZone(rows.certain_zone, f"stated by the format {rows.layout}")
    try:
        found = find_zone(rows.stamps)
    except ZoneUndecided:
        if stated := columns.zone or rows.usual_zone:
            return FoundZone(stated, "stated by the operator" if columns.zone else f"usual in {rows.layout}")
        raise
    if columns.zone and columns.zone != found.zone:
        raise ZoneContradictory(f"the zone {columns.zone} is stated, but the stamps say {found}")
    return FoundZone(found.zone, "stated by the operator") if columns.zone else found


def _label(rows: FileRows, columns: ColumnMap, stamps: Any) -> FoundLabel | None:
    volume = rows.values["volume"].to_numpy()
    if rows.certain_label:
        return replace(check_label(rows.certain_label, f"the format {rows.layout}", stamps, volume), sign=Sign.EDGE)
    if columns.label:
        return check_label(columns.label, "the operator", stamps, volume)
    try:
        return find_label(stamps, volume)
    except LabelUndecided:
        return FoundLabel(rows.usual_label, f"usual in {rows.layout}", Sign.NONE) if rows.usual_label else None


def instants(rows: FileRows, zone: Zone) -> "pa.Array[Any]":
    """Return the stamps as aware UTC instants, whichever end of the minute they name."""
    stamps: Any = pa.array(rows.stamps, pa.timestamp("s"))
    if zone is Zone.NEW_YORK:
        stamps = pc.assume_timezone(stamps, str(NEW_YORK), ambiguous="raise", nonexistent="raise")
    utc: pa.Array[Any] = stamps.cast(_UTC)
    return utc


def started(stamps: Any, label: FoundLabel | None) -> Any:
    """Return the instants at which the minutes of stamps start."""
    if label is None or label.label is Label.START:
        return stamps
    return pc.subtract(stamps, pa.scalar(60, pa.duration("s")))
