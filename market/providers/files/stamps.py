"""Read the stamps of a file, however they are written, as naive seconds; some say themselves that they are UTC."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.providers.files.columns import NoBars
from market.providers.zones import Zone

_DATE = re.compile(r"\d{4}-?\d\d-?\d\d|\d\d/\d\d/\d{4}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?")
_OFFSET = re.compile(_ISO.pattern + r" ?(Z|[+-]\d\d:?\d\d)")
_PATTERNS = (
    (re.compile(r"\d{8}[ T]\d\d:\d\d"), "%Y%m%d %H:%M"),
    (re.compile(r"\d{8}[ T]\d\d:\d\d:\d\d"), "%Y%m%d %H:%M:%S"),
    (re.compile(r"\d{8}[ T]\d{4}"), "%Y%m%d %H%M"),
    (re.compile(r"\d{8}[ T]\d{6}"), "%Y%m%d %H%M%S"),
    (re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d"), "%m/%d/%Y %H:%M"),
    (re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d"), "%m/%d/%Y %H:%M:%S"),
)
# Digits of an instant in seconds, milliseconds, microseconds or nanoseconds since 1970, in the years 2001 to 2286.
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}


class StampsUnreadable(ValueError):
    """The stamps are written in no way that is known; the message shows one."""


def read_stamps(strings: "pa.ChunkedArray[Any]", pattern: str | None) -> tuple[Any, Zone | None]:
    """Return datetime64[s] and the zone that the stamps state themselves, if they do.

    Raises StampsUnreadable, and NoBars for dates without a time.
    """
    first = str(strings[0])
    if not pattern and _DATE.fullmatch(first):
        raise NoBars("it holds daily bars")
    try:
        if pattern:
            return _seconds(pc.strptime(strings, format=pattern, unit="s")), None
        return _instants(strings, first) or (_wall_clock(strings, first), None)
    except pa.ArrowInvalid as error:
        raise StampsUnreadable(f"a stamp is not written like the first one, {first[:40]!r}") from error


def _instants(strings: "pa.ChunkedArray[Any]", first: str) -> tuple[Any, Zone] | None:
    """Return what is written as time since 1970 or with an offset from UTC; None for anything else."""
    if first.isdigit() and len(first) in _EPOCHS:
        instants = strings.cast(pa.int64()).to_numpy() // _EPOCHS[len(first)]
        return instants.astype("datetime64[s]"), Zone.UTC
    if _OFFSET.fullmatch(first):
        return _seconds(strings.cast(pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us"))), Zone.UTC
    return None


def _wall_clock(strings: "pa.ChunkedArray[Any]", first: str) -> Any:
    if _ISO.fullmatch(first):
        return _seconds(strings.cast(pa.timestamp("us")))
    written = next((written for known, written in _PATTERNS if known.fullmatch(first)), None)
    if written is None:
        raise StampsUnreadable(f"{first[:40]!r} is no stamp; state how it is written with stamp_format in a column map")
    return _seconds(pc.strptime(pc.replace_substring(strings, "T", " "), format=written, unit="s"))


def _seconds(stamps: Any) -> Any:
    values = stamps.to_numpy()
    if np.isnat(values).any():
        raise StampsUnreadable("a stamp is missing")
    seconds = values.astype("datetime64[s]")
    if (seconds != values).any():
        raise StampsUnreadable("a stamp is not at a whole second")
    return seconds
