"""The CSV of a reply."""

import numpy as np
import pytest

from market.bars.csv import BodyMalformed, BodyTorn, parse_csv

HEADER = b"timestamp,open,high,low,close,volume\r\n"
NEWER = b"2026-10-01 09:31:00,100.5000,101.0000,100.0000,100.7500,1200\r\n"
OLDER = b"2026-10-01 09:30:00,100.0000,100.9000,99.5000,100.5000,1500\r\n"


def test_rows_ascend_with_their_values() -> None:
    rows = parse_csv(HEADER + NEWER + OLDER)

    assert rows["stamp"].to_numpy().astype(str).tolist() == ["2026-10-01T09:30:00", "2026-10-01T09:31:00"]
    assert rows["high"].to_pylist() == [100.9, 101.0]
    assert rows["volume"].to_pylist() == [1500, 1200]


@pytest.mark.parametrize(
    "body",
    [
        (HEADER + NEWER + OLDER).replace(b"\r\n", b"\n"),
        b"\xef\xbb\xbf" + HEADER + NEWER + OLDER,
        (HEADER + NEWER + OLDER).replace(b"timestamp", b"time"),
    ],
    ids=["line feeds", "byte order mark", "retired header"],
)
def test_variants_read_the_same(body: bytes) -> None:
    assert parse_csv(body) == parse_csv(HEADER + NEWER + OLDER)


def test_a_row_twice_is_one_row_that_says_so() -> None:
    rows = parse_csv(HEADER + NEWER + OLDER + OLDER)

    assert rows.drop_columns(["duplicate"]) == parse_csv(HEADER + NEWER + OLDER)
    assert rows["duplicate"].to_pylist() == [True, False]


@pytest.mark.parametrize("body", [HEADER, HEADER.rstrip(), HEADER + b"\r\n"])
def test_a_header_alone_has_no_rows(body: bytes) -> None:
    assert parse_csv(body).num_rows == 0


@pytest.mark.parametrize("cut", [1, 2, 3, 20, len(OLDER) - 1])
def test_a_body_that_ends_within_a_line_is_torn(cut: int) -> None:
    body = (HEADER + NEWER + OLDER)[:-cut]
    if body.endswith(b"\n"):
        pytest.fail("the cut must fall within a line")

    with pytest.raises((BodyTorn, BodyMalformed)):
        parse_csv(body)


def test_a_body_without_its_last_line_end_is_torn() -> None:
    with pytest.raises(BodyTorn, match="incomplete"):
        parse_csv((HEADER + NEWER).removesuffix(b"\r\n"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "first line"),
        (b"time;price\n1;2\n", "first line"),
        (b"timestamp,open,high,low,close,adjusted_close,volume\n", "first line"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,1\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,1,5,6\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,,5\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,None,5\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,1,5.5\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,1,99999999999999999999\n", "not a bar"),
        (HEADER + b"2026-10-01,1,2,1,1,5\n", "not a bar"),
        (HEADER + b"2026-13-01 09:30:00,1,2,1,1,5\n", "not a bar"),
        (HEADER + b"\xff\xfe,1,2,1,1,5\n", "not a bar"),
        (HEADER + b"2026-10-01 09:30:00,1,nan,1,1,5\n", "finite"),
        (HEADER + b"2026-10-01 09:30:00,1,inf,1,1,5\n", "finite"),
        (HEADER + b"2026-10-01 09:30:00,1,2,1,1,-5\n", "negative"),
        (HEADER + b"2026-10-01 09:30:17,1,2,1,1,5\n", "whole minute"),
        (HEADER + OLDER + OLDER.replace(b"1500", b"1501"), "two different bars"),
    ],
)
def test_what_is_no_bar_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BodyMalformed, match=reason):
        parse_csv(body)


def test_a_full_month_keeps_every_row() -> None:
    minutes = np.datetime64("2026-10-01T04:00:00") + np.arange(20_000).astype("timedelta64[m]")
    rows = [f"{minute}".replace("T", " ") + ",1.5000,2.5000,0.5000,1.0000,7" for minute in minutes[::-1]]

    assert parse_csv(HEADER + "\r\n".join([*rows, ""]).encode())["stamp"].to_numpy().tolist() == minutes.tolist()
