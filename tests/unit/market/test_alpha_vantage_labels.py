"""Finding out which end of the minute a reply's stamps name."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv

from market.calendar import NEW_YORK, session_hours
from market.providers.alpha_vantage.labels import Label, LabelContradictory, find_label
from market.providers.synthetic.minutes import make_session

FULL, HALF = date(2026, 11, 25), date(2026, 11, 27)
Minutes = dict[datetime, int]


def session_minutes(session: date, first: str, last: str) -> Minutes:
    """Return start and volume of a session's made-up minutes from `first` to `last` New York, both included."""
    bars = make_session("AAPL", session)
    opened = session_hours(session).pre_open.astimezone(NEW_YORK).replace(tzinfo=None)
    starts = [opened + timedelta(minutes=minute) for minute in bars.minute.tolist()]
    return {
        start: volume
        for start, volume in zip(starts, bars.volume.tolist(), strict=True)
        if first <= f"{start:%H:%M}" <= last
    }


def found(minutes: Minutes, label: Label) -> Label:
    """Stamp minutes by a label and return the one that is found."""
    late = timedelta(minutes=1 if label is Label.END else 0)
    stamps = np.array([start + late for start in minutes], dtype="datetime64[s]")
    return find_label(stamps, np.array(list(minutes.values()), dtype=np.int64)).label


@pytest.mark.parametrize("label", Label)
@pytest.mark.parametrize(
    ("first", "last"),
    [("04:00", "19:59"), ("07:00", "18:00"), ("09:30", "15:59"), ("09:31", "15:59")],
    ids=["extended hours", "a part of them", "regular hours", "no opening minute"],
)
def test_the_label_is_found(label: Label, first: str, last: str) -> None:
    assert found(session_minutes(FULL, first, last), label) == label


@pytest.mark.parametrize("label", Label)
@pytest.mark.parametrize(("first", "last"), [("04:00", "16:59"), ("09:30", "12:59"), ("07:00", "14:00")])
def test_the_label_is_found_on_a_half_day(label: Label, first: str, last: str) -> None:
    assert found(session_minutes(HALF, first, last), label) == label


def test_stamps_that_fit_neither_way_are_refused() -> None:
    stamps = np.array(["2026-11-25T04:00", "2026-11-25T20:00"], dtype="datetime64[s]")

    with pytest.raises(LabelContradictory):
        find_label(stamps, np.array([1, 1]))


def test_without_a_sign_the_stamps_are_starts_as_the_vendor_says_today() -> None:
    label = find_label(np.array(["2026-11-25T11:00"], dtype="datetime64[s]"), np.array([5]))

    assert label.label == Label.START
    assert "assumed" in str(label)


def test_regular_hours_with_the_auction_bar_are_starts() -> None:
    assert found(session_minutes(FULL, "09:30", "16:00"), Label.START) == Label.START


@pytest.mark.realdata
@pytest.mark.parametrize("label", Label)
def test_the_label_of_every_recorded_month_is_found(shared_data: Path, label: Label) -> None:
    paths = sorted((shared_data / "minute_bars/norm").glob("*/*.csv.gz"))
    late = np.timedelta64(60 if label is Label.END else 0, "s")
    wrong = []
    for path in paths:
        for month, (stamps, volume) in recorded_months(path).items():
            if find_label(stamps + late, volume).label != label:
                wrong.append(f"{path.parent.name}/{path.name} {month}")

    assert len(paths) == 43
    assert wrong == []


def recorded_months(path: Path) -> dict[str, tuple[Any, Any]]:
    """Return New York starts and volumes by month."""
    table: Any = csv.read_csv(path)
    starts = pc.local_timestamp(table["ts_utc"].cast(pa.timestamp("s", tz=str(NEW_YORK)))).to_numpy()
    volume, months = table["volume"].to_numpy().astype(np.int64), starts.astype("datetime64[M]")
    return {str(month): (starts[months == month], volume[months == month]) for month in np.unique(months)}
