"""LEAN's zips: one CSV a day without header; milliseconds since midnight in New York (the start), prices × 10,000."""

import io
import re
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from market.providers.files.columns import VALUES, NoBars
from market.providers.files.tables import FileRows, FileUnreadable, bar_values, check_interval
from market.providers.labels import Label
from market.providers.zones import Zone

_MEMBER = re.compile(r"(?P<day>\d{8})_(?P<ticker>[A-Za-z0-9.]+)_minute_trade\.csv")
_OTHER = re.compile(r"\d{8}_.+_(quote|openinterest)\.csv|\d{8}_.+_(tick|second)_.+\.csv")
_PRICE_SCALE = 10_000.0


def lean_ticker(member: str) -> str | None:
    """Return the ticker of a member's name; None when it is not LEAN's. Raises NoBars for other data of LEAN."""
    if _OTHER.fullmatch(member):
        raise NoBars("it holds quotes, not trades")
    found = _MEMBER.fullmatch(member)
    return found["ticker"].upper() if found else None


def read_lean(content: bytes, member: str) -> FileRows:
    """Read one day, whose date is in the member's name. Raises FileUnreadable."""
    try:
        day = np.datetime64(datetime.strptime(member[:8], "%Y%m%d").date(), "s")  # noqa: DTZ007  # a date
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=["milliseconds", *VALUES], use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types={"milliseconds": pa.int64()} | dict.fromkeys(VALUES, pa.float64())
            ),
        )
    except (ValueError, pa.ArrowInvalid) as error:
        raise FileUnreadable(f"it is no day of minute bars as LEAN writes them: {error}") from error
    milliseconds = table["milliseconds"].to_numpy()
    if (milliseconds % 1000).any():
        raise FileUnreadable("a stamp is not at a whole second")
    stamps = day + (milliseconds // 1000).astype("timedelta64[s]")
    check_interval(stamps)
    prices: dict[str, Any] = {name: pa.array(table[name].to_numpy() / _PRICE_SCALE) for name in VALUES[:-1]}
    values = bar_values(pa.table(prices | {"volume": table["volume"]}))
    return FileRows("LEAN zip", stamps, values, certain_zone=Zone.NEW_YORK, certain_label=Label.START)
