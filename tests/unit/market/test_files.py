"""Reading files of bars in the layouts that people have."""

import gzip
import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from market.months import Month
from market.providers.files.columns import ColumnMap, LayoutUnknown
from market.providers.files.naming import NameUnclear, symbol_in
from market.providers.files.scan import scan
from market.providers.files.scanned import Scanned
from market.providers.labels import Label
from market.providers.zones import Zone
from tests import files_of_bars as written

# Sessions: the last of summer time, the first of winter time, a half day.
BARS = [
    *written.minutes("AAPL", date(2026, 10, 30), date(2026, 11, 2)),
    *written.minutes("AAPL", date(2026, 11, 27), date(2026, 11, 27)),
]
REGULAR = written.minutes("AAPL", date(2026, 10, 30), date(2026, 11, 2), ("09:30", "15:59"))
LIMIT = 64 << 20
NOTHING = ColumnMap()


def scanned(folder: Path, columns: ColumnMap = NOTHING, limit: int = LIMIT, **files: bytes) -> Scanned:
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return scan(folder, columns, limit)


def rows(found: Scanned, symbol: str = "AAPL") -> list[tuple[Any, ...]]:
    cells = [cell for cell in sorted(found.pieces) if cell[0] == symbol]
    tables = [found.table(*cell).sort_by("bar_start") for cell in cells]
    return [tuple(row.values()) for table in tables for row in table.to_pylist()]


def expected(bars: list[written.Minute]) -> list[tuple[Any, ...]]:
    return [(bar.utc, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]


LAYOUTS = {
    "start labels": written.alpha_vantage_csv(BARS),
    "end labels": written.alpha_vantage_csv(BARS, late=1),
    "the retired header": written.alpha_vantage_csv(BARS, late=1).replace(b"timestamp", b"time", 1),
    "FirstRate": written.first_rate_csv(BARS),
    "Kibot": written.kibot_csv(BARS),
    "a byte order mark": b"\xef\xbb\xbf" + written.alpha_vantage_csv(BARS),
    "no last line end": written.first_rate_csv(BARS).rstrip(),
    "semicolons": written.alpha_vantage_csv(BARS).replace(b",", b";"),
    "regular hours, start": written.alpha_vantage_csv(REGULAR),
    "regular hours, end": written.alpha_vantage_csv(REGULAR, late=1),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_known_layout_gives_the_bars_as_they_were(tmp_path: Path, layout: str) -> None:
    found = scanned(tmp_path, AAPL__csv=LAYOUTS[layout])

    assert found.refused == []
    assert rows(found) == expected(REGULAR if layout.startswith("regular") else BARS)
    assert found.months == [Month(2026, 10), Month(2026, 11)]


def test_parquet_gzip_and_lean_give_the_same(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("parquet", "gzip", "lean/aapl")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["parquet"] / "AAPL.parquet").write_bytes(written.parquet(BARS))
    (folders["gzip"] / "AAPL_1min.csv.gz").write_bytes(gzip.compress(written.alpha_vantage_csv(BARS, late=1)))
    for name, content in written.lean_zip(BARS).items():
        (folders["lean/aapl"] / name).write_bytes(content)

    for folder in folders.values():
        found = scan(folder, NOTHING, LIMIT)
        assert (found.refused, found.skipped) == ([], [])
        assert rows(found) == expected(BARS)


@pytest.mark.parametrize(
    "stamp", ["%Y-%m-%d %H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%SZ", "%s", "%Y%m%d %H:%M", "%d.%m.%Y %H:%M"]
)
def test_stamps_are_read_however_they_are_written(tmp_path: Path, stamp: str) -> None:
    lines = [
        f"{bar.utc.strftime(stamp) if stamp != '%s' else int(bar.utc.timestamp())},AAPL,{bar.prices}\n" for bar in BARS
    ]
    columns = ColumnMap.parse("zone=utc" + (f",stamp=ts,symbol=symbol,stamp_format={stamp}" if "." in stamp else ""))

    found = scanned(tmp_path, columns, any__csv=("ts,symbol,open,high,low,close,volume\n" + "".join(lines)).encode())

    assert found.refused == []
    assert rows(found) == expected(BARS)
    assert found.sources[0].conventions.zone.zone == Zone.UTC


def test_a_column_map_beside_the_files_says_where_what_stands(tmp_path: Path) -> None:
    lines = [
        f"{bar.close};x;{bar.volume}.0;{bar.utc:%Y-%m-%d %H:%M};{bar.low};{bar.high};{bar.open};aapl\n" for bar in BARS
    ]
    (tmp_path / "columns.toml").write_text(
        'stamp = 4\nopen = 7\nhigh = 6\nlow = 5\nclose = 1\nvolume = 3\nsymbol = 8\nzone = "utc"\nlabel = "start"\n'
    )

    found = scanned(tmp_path, odd__txt="".join(lines).encode())

    assert found.refused == []
    assert rows(found) == expected(BARS)
    assert "stated by the operator" in str(found.sources[0].conventions.label)


def test_a_file_of_several_symbols_is_parted(tmp_path: Path) -> None:
    other = written.minutes("BRK.B", date(2026, 10, 30), date(2026, 10, 30))
    lines = [f"{bar.start},{name},{bar.prices}\n" for name, bars in (("AAPL", BARS), ("BRK-B", other)) for bar in bars]

    found = scanned(tmp_path, all__csv=("datetime,ticker,open,high,low,close,volume\n" + "".join(lines)).encode())

    assert (rows(found), rows(found, "BRK.B")) == (expected(BARS), expected(other))


FEW = BARS[400:420]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (written.alpha_vantage_csv(FEW), "state it with --label"),
        (written.alpha_vantage_csv(BARS, late=-60), "neither"),
        (written.alpha_vantage_csv(BARS, late=361), "neither"),
        (written.alpha_vantage_csv(REGULAR, late=-180), "neither"),
        (written.alpha_vantage_csv(BARS).replace(b"timestamp", b"when"), "no column for stamp"),
        (written.alpha_vantage_csv(BARS)[:-30], "the last line is incomplete"),
        (written.alpha_vantage_csv(BARS) + b"2026-11-27 09:30:30,1,1,1,1,1\r\n", "not at a whole minute"),
        (written.alpha_vantage_csv(BARS) + b"2026-11-27 04:00:00,nan,1,1,1,1\r\n", "not a finite number"),
        (written.alpha_vantage_csv(BARS) + b"2026-11-27 04:00:00,1,1,1,1,1.5\r\n", "not a whole number of shares"),
        (written.alpha_vantage_csv(BARS) + b"2026-11-27 04:00:00,1,1,1,1,-1\r\n", "not a whole number of shares"),
        (written.alpha_vantage_csv(BARS) + b"27.11.2026,1,1,1,1,1\r\n", "not written like the first one"),
        (written.alpha_vantage_csv(BARS) + b"2026-11-27 04:00:00,a,1,1,1,1\r\n", "a row is not a bar"),
        (written.alpha_vantage_csv(BARS) + b"2150-11-27 04:00:00,1,1,1,1,1\r\n", "outside 2000-01-01 to 2031-12-31"),
        (written.alpha_vantage_csv(BARS) + b"2026-03-08 02:30:00,1,1,1,1,1\r\n", "in a gap between"),
        (b"timestamp,open,high,low,close,volume\r\n", "no rows"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    found = scanned(tmp_path, AAPL__csv=content)

    assert found.pieces == {}
    assert reason in found.refused[0].reason


def test_what_is_stated_decides_where_the_stamps_do_not(tmp_path: Path) -> None:
    content = written.alpha_vantage_csv(FEW, late=1)

    found = scanned(tmp_path, NOTHING.stating(Zone.NEW_YORK, Label.END), AAPL__csv=content)

    assert rows(found) == expected(FEW)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        (NOTHING.stating(None, Label.END), "the label end is stated by the operator, but the stamps say start"),
        (NOTHING.stating(Zone.UTC, None), "the zone utc is stated, but the stamps say new_york"),
    ],
)
def test_a_statement_that_the_stamps_contradict_is_refused(tmp_path: Path, stated: ColumnMap, reason: str) -> None:
    found = scanned(tmp_path, stated, AAPL__csv=LAYOUTS["start labels"])

    assert reason in found.refused[0].reason


THIN = written.minutes("MSFT", date(2026, 10, 30), date(2026, 10, 30))[400:420]


def test_a_file_that_does_not_tell_is_read_as_the_others_of_its_folder_form_and_month(tmp_path: Path) -> None:
    found = scanned(
        tmp_path,
        AAPL__csv=written.alpha_vantage_csv(BARS, late=1),
        QQQ__csv=written.alpha_vantage_csv(written.minutes("QQQ", date(2026, 10, 30), date(2026, 10, 30)), late=1),
        MSFT__csv=written.alpha_vantage_csv(THIN, late=1),
    )

    assert found.refused == []
    assert rows(found, "MSFT") == expected(THIN)
    (source,) = found.sources_of("MSFT", Month(2026, 10))
    assert str(source.conventions.label) == "end (of the other files of its folder, form and months 2 say end)"


def test_a_file_that_the_others_contradict_is_refused(tmp_path: Path) -> None:
    evening = [bar for bar in BARS if "09:40" <= f"{bar.start:%H:%M}" <= "16:30"]

    found = scanned(
        tmp_path,
        NOTHING.stating(None, Label.START),
        AAPL__csv=written.alpha_vantage_csv(BARS, late=1),
        MSFT__csv=written.alpha_vantage_csv(evening, late=1),
    )

    assert found.pieces == {}
    first, second = found.refused
    assert "the label start is stated by the operator, but the stamps say end" in first.reason
    assert "its label is start (stated by the operator), but of the other files" in second.reason


A_MONTH_BEFORE = written.minutes("AAPL", date(2026, 9, 1), date(2026, 9, 1))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"other/AAPL.csv": written.alpha_vantage_csv(BARS)}, "nothing tells"),
        ({"AAPL.txt": written.first_rate_csv(BARS)}, "nothing tells"),
        (
            {"AAPL.csv": written.alpha_vantage_csv(A_MONTH_BEFORE)},
            "nothing",
        ),
        (
            {"AAPL.csv": written.alpha_vantage_csv(BARS), "QQQ.csv": written.alpha_vantage_csv(BARS, late=1)},
            "1 say end and 1 say start",
        ),
    ],
    ids=["another folder", "another form", "another month", "files that disagree"],
)
def test_a_file_is_not_read_as_files_that_are_no_company_to_it(
    tmp_path: Path, files: dict[str, bytes], reason: str
) -> None:
    (tmp_path / "other").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    found = scanned(tmp_path, MSFT__csv=written.alpha_vantage_csv(THIN))

    assert [(refusal.name, reason in refusal.reason) for refusal in found.refused] == [("MSFT.csv", True)]
    assert "MSFT" not in found.symbols


def test_bars_of_another_kind_are_left_aside(tmp_path: Path) -> None:
    every_15 = [bar for bar in BARS if bar.start.minute % 15 == 0]
    daily = "".join(f"{date(2026, 9, 1) + timedelta(days=day)},1,1,1,1,1\n" for day in range(30))

    found = scanned(
        tmp_path,
        AAPL_15min__csv=written.alpha_vantage_csv(every_15),
        AAPL_daily__csv=("timestamp,open,high,low,close,volume\n" + daily).encode(),
        LICENSE__txt=b"MIT License\n",
        other__json=b'{"a": 1}',
    )

    assert found.refused == []
    assert [refusal.reason for refusal in found.skipped] == [
        "its bars are 15 minutes apart",
        "it holds daily bars",
        "it has no table of bars: its first line is 'MIT License'",
        "it is no JSON reply with minute bars",
    ]


def test_a_file_that_opens_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AAPL.csv", b"\0" * (4 << 20))
        archive.writestr("MSFT.csv", b"\0" * (4 << 20))

    found = scanned(
        tmp_path,
        limit=1 << 20,
        AAPL__zip=bomb.getvalue(),
        MSFT__csv__gz=gzip.compress(b"\0" * (4 << 20)),
        QQQ__csv=b"\0" * (2 << 20),
        torn__zip=bomb.getvalue()[:2000],
        torn__csv__gz=gzip.compress(LAYOUTS["start labels"])[:5000],
    )

    assert found.pieces == {}
    assert {refusal.name: "opens to more than 1 MB" in refusal.reason for refusal in found.refused} == {
        "AAPL.zip": True,
        "MSFT.csv.gz": True,
        "QQQ.csv": True,
        "torn.csv.gz": False,
        "torn.zip": False,
    }


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("intraday_1min_AAPL.csv", "AAPL"),
        ("TIME_SERIES_INTRADAY_EXTENDED_MSFT_1min.csv", "MSFT"),
        ("BRK-B_full_1min_UNADJUSTED.txt", "BRK.B"),
        ("brk.b.csv", "BRK.B"),
        ("V_2019-02.csv", "V"),
        ("SPY_minute_data.csv", "SPY"),
    ],
)
def test_the_symbol_is_found_in_the_name(name: str, symbol: str) -> None:
    assert symbol_in(name) == symbol


@pytest.mark.parametrize("name", ["data_1min.csv", "AAPL_MSFT.csv", "AAPL_1min_adjsplit.txt"])
def test_a_name_without_one_symbol_is_refused(name: str) -> None:
    with pytest.raises(NameUnclear):
        symbol_in(name)


@pytest.mark.parametrize("text", ["stamps=ts", "zone=cet", "label=middle", "open="])
def test_a_column_map_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(LayoutUnknown):
        ColumnMap.parse(text)
