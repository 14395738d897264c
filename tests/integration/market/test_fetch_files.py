"""Importing files of bars with `fetch_prices --provider files`."""

from datetime import date
from pathlib import Path

import pytest

from market.bars.csv import PRICES
from market.lake.location import Lake
from tests import files_of_bars as written
from tests.fetching import Fetch, bars, columns_of, everything_written, manifests, rows, words

FIRST_HALF = written.minutes("AAPL", date(2026, 9, 1), date(2026, 9, 3))
SECOND_HALF = written.minutes("AAPL", date(2026, 9, 4), date(2026, 9, 11))
FILES = ("--provider", "files", "--path")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def stored(lake: Lake) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in columns_of(rows(lake), "bar_start", *PRICES, "volume")]


def expected(minutes: list[written.Minute]) -> list[tuple[object, ...]]:
    return [(bar.utc, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in minutes]


def test_files_come_into_the_table_and_are_kept_as_they_came(lake: Lake, fetch: Fetch, folder: Path) -> None:
    content = written.alpha_vantage_csv(FIRST_HALF, late=1)
    (folder / "AAPL.csv").write_bytes(content)

    ran = fetch(*FILES, str(folder))

    assert ran.code == 0, ran.output
    assert "label end (a stamp at the end of extended trading)" in ran.output
    assert stored(lake) == expected(FIRST_HALF)
    assert set(rows(lake)["provider"].to_pylist()) == {"files"}
    (manifest,) = manifests(Path(lake.storage.path("")), outcome="ok")
    assert manifest["label"].startswith("end (")
    assert manifest["request"]["zone"].startswith("new_york (")
    originals = [*Path(lake.storage.path("raw/files/originals")).iterdir()]
    assert [original.read_bytes() for original in originals] == [content]
    assert originals[0].stem in manifest["request"]["files"]


def test_the_same_files_again_change_nothing_and_others_do(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    fetch(*FILES, str(folder))
    before = bars(lake).version

    again = fetch(*FILES, str(folder))
    assert (again.code, "1 already final" in again.output, bars(lake).version) == (0, True, before)

    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF).replace(b"223.", b"224."))
    assert "1 updated" in fetch(*FILES, str(folder)).output


def test_a_later_file_of_the_same_month_joins_what_is_there(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    fetch(*FILES, str(folder))
    (folder / "AAPL.csv").write_bytes(written.kibot_csv(SECOND_HALF))

    ran = fetch(*FILES, str(folder))

    assert ran.code == 0, ran.output
    assert stored(lake) == expected(FIRST_HALF + SECOND_HALF)


def test_what_was_not_taken_is_said_and_the_rest_is_done(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "apart").mkdir()
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    (folder / "apart/MSFT.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF[500:510]))

    ran = fetch(*FILES, str(folder))

    assert ran.code == 3
    assert "REFUSED: MSFT.csv: nothing tells" in words(ran.output)
    assert stored(lake) == expected(FIRST_HALF)


def test_the_manifest_says_that_a_label_is_that_of_other_files(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    (folder / "MSFT.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF[500:510]))

    assert fetch(*FILES, str(folder)).code == 0

    (manifest,) = manifests(Path(lake.storage.path("")), symbol="MSFT")
    assert manifest["label"] == "start (of the other files of its folder, form and months 1 say start)"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--provider", "files"), 2, "needs --path"),
        ((*FILES, "/nonexistent"), 2, "There is no file or folder /nonexistent"),
        ((*FILES, "{folder}", "--columns", "when=1"), 2, "'when' is not known in a column map"),
        ((*FILES, "{folder}", "--columns", "/nonexistent.toml"), 2, "No such file"),
        ((*FILES, "{folder}", "--symbols", "QQQ"), 2, "no file holds QQQ; the files hold AAPL"),
        ((*FILES, "{folder}/empty"), 1, "has no bars that could be taken"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    lake: Lake, fetch: Fetch, folder: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    (folder / "empty").mkdir()

    ran = fetch(*(argument.format(folder=folder) for argument in arguments))

    assert (ran.code, message in words(ran.output)) == (code, True), ran.output
    assert everything_written(Path(lake.storage.path(""))) == b""


def test_a_dry_run_says_what_would_be_taken(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))

    ran = fetch(*FILES, str(folder), "--dry-run")

    assert "AAPL 2026-09: the lake has no bars of it" in ran.output
    assert everything_written(Path(lake.storage.path(""))) == b""


def test_two_files_that_contradict_each_other_are_refused(lake: Lake, fetch: Fetch, folder: Path) -> None:
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))
    (folder / "AAPL_1min.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF).replace(b"223.", b"224."))

    ran = fetch(*FILES, str(folder))

    assert ran.code == 1
    assert "one minute has two different bars" in ran.output


def test_real_files_do_not_come_into_a_synthetic_lake(lake: Lake, fetch: Fetch, folder: Path) -> None:
    fetch("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-09")
    (folder / "AAPL.csv").write_bytes(written.alpha_vantage_csv(FIRST_HALF))

    ran = fetch(*FILES, str(folder))

    assert (ran.code, "give each its own LAKE_URL" in words(ran.output)) == (2, True)
    assert not Path(lake.storage.path("raw/files")).exists()
