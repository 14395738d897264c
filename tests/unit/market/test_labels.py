"""Finding out which end of the minute a reply's stamps name."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import measure_labels
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv

from market.calendar import NEW_YORK, session_hours
from market.providers.labels import Label, LabelContradictory, LabelUndecided, check_label, find_label
from market.providers.synthetic.minutes import make_session
from market.providers.zones import Zone, ZoneContradictory, ZoneUndecided, check_busy_hours, find_zone

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
    [("04:00", "19:59"), ("07:00", "18:00"), ("09:30", "15:59")],
    ids=["extended hours", "a part of them", "regular hours"],
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


@pytest.mark.parametrize(
    "stamps", [["2026-11-25T11:00"], ["2026-11-25T09:31", "2026-11-25T15:59"], ["2026-11-28T11:00"]]
)
def test_stamps_without_a_sign_are_refused(stamps: list[str]) -> None:
    with pytest.raises(LabelUndecided, match="--label"):
        find_label(np.array(stamps, dtype="datetime64[s]"), np.ones(len(stamps), dtype=np.int64))


def test_a_few_minutes_with_the_auction_are_no_sign_of_ends() -> None:
    stamps = np.array(["2026-11-25T10:12", "2026-11-25T16:00"], dtype="datetime64[s]")

    with pytest.raises(LabelUndecided):
        find_label(stamps, np.array([100, 100]))


def test_ends_that_were_cut_at_the_opening_are_not_taken_for_starts() -> None:
    minutes = session_minutes(FULL, "09:29", "15:58")

    with pytest.raises(LabelContradictory):
        found(minutes, Label.END)


def stamped(minutes: Minutes, label: Label) -> tuple[Any, Any]:
    late = timedelta(minutes=1 if label is Label.END else 0)
    return np.array([start + late for start in minutes], dtype="datetime64[s]"), np.array([*minutes.values()])


@pytest.mark.parametrize("label", Label)
def test_what_is_stated_holds_where_the_stamps_do_not_tell(label: Label) -> None:
    stamps = np.array(["2026-11-25T11:00"], dtype="datetime64[s]")

    assert str(check_label(label, "--label", stamps, np.array([5]))) == f"{label} (stated by --label)"


@pytest.mark.parametrize(("first", "last"), [("04:00", "19:59"), ("09:30", "15:59")])
@pytest.mark.parametrize("label", Label)
def test_a_statement_is_checked_against_the_edges_of_the_session(label: Label, first: str, last: str) -> None:
    stamps, volume = stamped(session_minutes(FULL, first, last), label)
    (other,) = set(Label) - {label}

    assert check_label(label, "--label", stamps, volume).label == label
    with pytest.raises(LabelContradictory, match=f"{other} is stated by --label, but the stamps say {label}"):
        check_label(other, "--label", stamps, volume)


WINTER, SUMMER = date(2026, 11, 25), date(2026, 8, 25)


@pytest.mark.parametrize("session", [WINTER, SUMMER, HALF])
@pytest.mark.parametrize(("first", "last"), [("04:00", "19:59"), ("09:30", "15:59")])
@pytest.mark.parametrize("label", Label)
def test_the_clock_is_found(session: date, first: str, last: str, label: Label) -> None:
    stamps, _ = stamped(session_minutes(session, first, last), label)
    utc = np.array(pc.assume_timezone(pa.array(stamps), str(NEW_YORK)).cast(pa.timestamp("s")).to_numpy())

    assert find_zone(stamps).zone == Zone.NEW_YORK
    assert find_zone(utc).zone == Zone.UTC


@pytest.mark.parametrize(
    "stamps", [["2026-11-25T14:45", "2026-11-25T14:46"], ["2026-11-28T10:00"], ["2026-11-25T22:00", "2026-11-25T03:00"]]
)
def test_stamps_that_fit_both_clocks_or_neither_are_refused(stamps: list[str]) -> None:
    with pytest.raises((ZoneUndecided, ZoneContradictory)):
        find_zone(np.array(stamps, dtype="datetime64[s]"))


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
            try:
                read = find_label(stamps + late, volume).label
            except LabelUndecided:
                read = None
            if read != label:
                wrong.append(f"{path.parent.name}/{path.name} {month} {read}")

    assert len(paths) == 43
    # An index without volume, whose first minute is 09:31: nothing tells, and nothing is guessed.
    assert wrong == ([] if label is Label.END else ["eqker_av_2019/VIX.csv.gz 2019-02 None"])


@pytest.mark.realdata
@pytest.mark.parametrize("label", Label)
def test_recorded_months_cut_to_regular_hours_by_their_own_stamps_are_read_right_or_refused(
    shared_data: Path, label: Label
) -> None:
    late, wrong, right = np.timedelta64(60 if label is Label.END else 0, "s"), [], 0
    for path in sorted((shared_data / "minute_bars/norm").glob("*/*.csv.gz")):
        for month, (starts, volume) in recorded_months(path).items():
            clock = (starts + late).astype("datetime64[m]").astype(np.int64) % 1440
            regular = (clock >= 570) & (clock < 960)
            try:
                read = find_label((starts + late)[regular], volume[regular]).label
            except (LabelUndecided, LabelContradictory):
                continue
            right += read == label
            wrong += [f"{path.parent.name}/{path.name} {month}"] if read != label else []

    assert wrong == []
    assert right >= (60 if label is Label.START else 5)


@pytest.mark.realdata
def test_single_sessions_are_read_right_or_refused_and_more_of_them_in_company(shared_data: Path) -> None:
    symbols = {f"eqker_av_2019/{symbol}" for symbol in ("AMT", "DFS", "GLD", "PPLT", "SPY", "UGA", "V", "VXXB")}
    counts = measure_labels.count_readings(shared_data / "minute_bars", symbols)

    for (written, label), tally in counts.items():
        assert tally["pooled WRONG"] == 0, (written, label)
        assert tally["pooled right"] > tally["alone right"], (written, label)
        assert written == "cut" or tally["pooled right"] >= 0.95 * tally.total() / 2, (written, label)


@pytest.mark.realdata
def test_the_clock_of_every_recorded_month_is_found(shared_data: Path) -> None:
    for path in sorted((shared_data / "minute_bars/norm").glob("*/*.csv.gz")):
        for month, (starts, volume) in recorded_months(path).items():
            utc = np.array(pc.assume_timezone(pa.array(starts), str(NEW_YORK)).cast(pa.timestamp("s")).to_numpy())
            assert find_zone(starts).zone == Zone.NEW_YORK, (path, month)
            assert find_zone(utc).zone == Zone.UTC, (path, month)
            check_busy_hours(starts, volume)
            for hours in (-6, -3, -1, 1, 3):
                with pytest.raises(ZoneContradictory):
                    check_busy_hours(starts + np.timedelta64(hours, "h"), volume)


def recorded_months(path: Path) -> dict[str, tuple[Any, Any]]:
    """Return New York starts and volumes by month."""
    table: Any = csv.read_csv(path)
    starts = pc.local_timestamp(table["ts_utc"].cast(pa.timestamp("s", tz=str(NEW_YORK)))).to_numpy()
    volume, months = table["volume"].to_numpy().astype(np.int64), starts.astype("datetime64[M]")
    return {str(month): (starts[months == month], volume[months == month]) for month in np.unique(months)}
