"""Decide clock and label of a whole file, and say how; a file that does not tell is refused."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.calendar import NEW_YORK
from market.providers.files.columns import ColumnMap
from market.providers.files.tables import FileRows
from market.providers.labels import FoundLabel, Label, LabelUndecided, check_label, find_label
from market.providers.zones import (
    FoundZone,
    Zone,
    ZoneContradictory,
    ZoneUndecided,
    check_busy_hours,
    find_zone,
    in_new_york,
)


@dataclass(frozen=True, slots=True)
class Conventions:
    zone: FoundZone
    label: FoundLabel


def decide(rows: FileRows, columns: ColumnMap) -> Conventions:
    """Return what is stated, else certain, else found, else usual.

    Raises LabelUndecided, LabelContradictory, ZoneUndecided and ZoneContradictory.
    """
    zone = _zone(rows, columns)
    stamps = in_new_york(rows.stamps, zone.zone)
    if not rows.certain_zone:
        check_busy_hours(stamps, rows.values["volume"].to_numpy())
    return Conventions(zone, _label(rows, columns, stamps))


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


def _label(rows: FileRows, columns: ColumnMap, stamps: Any) -> FoundLabel:
    volume = rows.values["volume"].to_numpy()
    if rows.certain_label:
        return check_label(rows.certain_label, f"the format {rows.layout}", stamps, volume)
    if columns.label:
        return check_label(columns.label, "the operator", stamps, volume)
    try:
        return find_label(stamps, volume)
    except LabelUndecided:
        if rows.usual_label is None:
            raise
        return FoundLabel(rows.usual_label, f"usual in {rows.layout}")


def bar_starts(rows: FileRows, conventions: Conventions) -> "pa.Array[Any]":
    """Return the aware UTC instants at which the minutes start."""
    late = np.timedelta64(60 if conventions.label.label is Label.END else 0, "s")
    starts: Any = pa.array(rows.stamps - late, pa.timestamp("s"))
    if conventions.zone.zone is Zone.NEW_YORK:
        starts = pc.assume_timezone(starts, str(NEW_YORK), ambiguous="raise", nonexistent="raise")
    utc: pa.Array[Any] = starts.cast(pa.timestamp("s", tz="UTC"))
    return utc
