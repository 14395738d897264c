"""Raw replies in the lake."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from market.bars import RULES_VERSION
from market.months import Month
from market.providers.base import RawReply
from market.raw import last_accepted, store_reply, write_manifest
from tests.builders import make_lake

AT = datetime(2026, 11, 24, 5, 7, 9, 120_000, tzinfo=UTC)
REPLY = RawReply(
    provider="alpha_vantage",
    function="TIME_SERIES_INTRADAY",
    symbol="BRK.B",
    month=Month(2026, 10),
    request={"symbol": "BRK-B"},
    status=200,
    content_type="application/x-download",
    body=b"timestamp,open\n",
    fetched_at=AT,
)
FOLDER = "raw/alpha_vantage/TIME_SERIES_INTRADAY/symbol=BRK.B/month=2026-10"


def test_a_reply_is_stored_as_it_came_under_its_time_and_hash(tmp_path: Path) -> None:
    raw = store_reply(make_lake(tmp_path), REPLY)

    assert raw.stem == f"{FOLDER}/20261124T050709120000Z_{raw.sha256[:12]}"
    assert gzip.decompress((tmp_path / f"{raw.stem}.csv.gz").read_bytes()) == REPLY.body


def test_a_refusal_is_stored_with_the_extension_of_its_kind(tmp_path: Path) -> None:
    raw = store_reply(make_lake(tmp_path), replace(REPLY, content_type="application/json; charset=utf-8", body=b"{}"))

    assert (tmp_path / f"{raw.stem}.json.gz").is_file()


def test_the_manifest_tells_the_request_the_reply_and_the_outcome(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    raw = store_reply(lake, REPLY)

    write_manifest(lake, raw, "ok", {"rows": 3})

    manifest = json.loads((tmp_path / f"{raw.stem}.ok.json").read_text())
    assert manifest == {
        "provider": "alpha_vantage",
        "function": "TIME_SERIES_INTRADAY",
        "symbol": "BRK.B",
        "month": "2026-10",
        "request": {"symbol": "BRK-B"},
        "status": 200,
        "content_type": "application/x-download",
        "bytes": 15,
        "sha256": raw.sha256,
        "fetched_at": "2026-11-24T05:07:09.120000+00:00",
        "outcome": "ok",
        "rules_version": RULES_VERSION,
        "rows": 3,
    }


def test_what_is_stored_once_is_never_written_again(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    raw = store_reply(lake, REPLY)
    path = tmp_path / f"{raw.stem}.csv.gz"
    written = path.stat()

    store_reply(lake, REPLY)

    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert len(list(path.parent.iterdir())) == 1


def test_only_accepted_replies_count_as_fetched(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    cell = (REPLY.provider, REPLY.function, REPLY.symbol, REPLY.month)
    assert last_accepted(lake, *cell) is None
    for hours, outcome in ((0, "ok"), (1, "ok"), (2, "rate_day"), (3, None)):
        raw = store_reply(lake, replace(REPLY, fetched_at=AT + timedelta(hours=hours), body=f"{hours}".encode()))
        if outcome:
            write_manifest(lake, raw, outcome, {})

    assert last_accepted(lake, *cell) == AT + timedelta(hours=1)


def test_other_programs_may_read_the_lake(tmp_path: Path) -> None:
    raw = store_reply(make_lake(tmp_path), REPLY)

    assert (tmp_path / f"{raw.stem}.csv.gz").stat().st_mode & 0o777 == 0o644
