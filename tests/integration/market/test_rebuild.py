"""`manage.py rebuild_bars`: the table `bars` comes out of the stored replies alone, whatever happened to it."""

import io
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command

import market.rebuild
from market.bars.build import Origin, build_bars
from market.ingest.commit import commit_month
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.months import Month
from market.providers.base import RawReply
from market.providers.synthetic.provider import Synthetic
from market.raw import store_reply
from tests.builders import make_bar, write_bars
from tests.fetching import Ran, bars, fetch_environment, rows, run_command
from tests.forking import forks

PART = Part("AAPL", "2026-09")


def run(*arguments: str) -> Ran:
    output, ran = io.StringIO(), Ran(0, "")
    try:
        call_command("rebuild_bars", *arguments, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran


def lose_table(lake: Lake) -> None:
    Path(lake.storage.path("tables/bars")).rename(lake.storage.path("lost"))


def change_part(lake: Lake, part: Part = PART) -> pa.Table:
    """Put the part into the table with one price changed, as a broken disk or program would."""
    table, snapshot = bars_table(lake), bars(lake)
    columns = [name for name in table.schema.names if name not in ("symbol", "month")]
    stored = snapshot.read_part(part, columns)
    closes: list[Any] = stored["close"].to_pylist()
    closes[100] += 1.0
    changed = stored.set_column(columns.index("close"), "close", pa.array(closes))
    changed = changed.append_column("symbol", pa.array([part.symbol] * len(closes)))
    changed = changed.append_column("month", pa.array([part.month] * len(closes)))
    table.publish(snapshot, write_parts(table, changed, "broken"), {part}, {"run_id": "broken"})
    return changed


def manifest_of(lake: Lake, part: Part = PART) -> Path:
    folder = f"raw/synthetic/MINUTE_BARS/symbol={part.symbol}/month={part.month}"
    (found,) = Path(lake.storage.path(folder)).glob("*.ok.json")
    return found


def later_reply(lake: Lake) -> RawReply:
    """Return what the provider might say of the part an hour later: one price is another."""
    now = datetime.now(UTC)
    reply = Synthetic().fetch_month(PART.symbol, Month.parse(PART.month), now)
    lines = reply.body.split(b"\r\n")
    fields = lines[5000].split(b",")
    fields[-1] = b"%d" % (int(fields[-1]) + 1)
    lines[5000] = b",".join(fields)
    return replace(reply, body=b"\r\n".join(lines))


def test_a_symbol_year_comes_back_equal_in_every_column(lake: Lake) -> None:
    months = [f"2025-{number:02}" for number in range(1, 13)]
    run_command("--provider", "synthetic", "--symbols", "AAPL", "--months", *months)
    before = rows(lake)
    lose_table(lake)

    ran = run()

    assert ran.code == 0, ran.output
    assert f"12 symbol-months: 12 rebuilt; {before.num_rows:,} bars compared" in ran.output
    assert rows(lake) == before
    assert "12 equal" in run("--check").output


def test_a_part_that_differs_is_named_by_a_check_and_mended_by_a_rebuild(filled: Lake) -> None:
    before, files = rows(filled), bars(filled).parts
    change_part(filled)

    checked, version = run("--check"), bars(filled).version
    unchanged_by_check = bars(filled).version
    rebuilt = run()

    assert (checked.code, version) == (1, unchanged_by_check)
    assert "AAPL 2026-09: different" in checked.output
    assert "The columns close are not as they must be" in checked.output
    assert (rebuilt.code, "3 equal, 1 rebuilt" in rebuilt.output) == (0, True)
    assert rows(filled) == before
    after = bars(filled).parts
    assert {part for part in after if after[part] != files[part]} == {PART}
    assert bars(filled).table.history()[0]["writer"] == "rebuild_bars"


def test_narrowed_to_a_symbol_and_month_the_rest_stays(filled: Lake) -> None:
    lose_table(filled)

    ran = run("--symbols", "aapl", "--months", "2026-09")

    assert ran.code == 0
    assert list(bars(filled).parts) == [PART]


def test_a_reply_that_nobody_reported_on_may_have_been_committed_or_not(filled: Lake) -> None:
    """The run was ended after the reply was stored: before its bars were committed, and then after that."""
    reply = later_reply(filled)
    store_reply(filled, reply)

    not_committed = run("--check")
    parsed = Synthetic().parse(reply)
    origin = Origin(PART.symbol, reply.month, reply.provider, reply.fetched_at)
    committed = build_bars(parsed.bars, origin)
    commit_month(bars_table(filled), committed, provider=Synthetic(), run_id="ended", metadata={}, force=False)
    after_commit = run("--check")

    assert (not_committed.code, after_commit.code) == (0, 0), after_commit.output
    assert "4 equal" in after_commit.output


def test_bars_survive_the_loss_of_the_manifest(filled: Lake) -> None:
    before = rows(filled)
    manifest_of(filled).unlink()
    lose_table(filled)

    ran = run()

    assert ran.code == 0, ran.output
    assert rows(filled) == before


def test_bars_that_no_reply_explains_are_left_and_named(filled: Lake) -> None:
    write_bars(filled, [make_bar(symbol="BRK.B")])

    ran = run()

    assert ran.code == 3
    assert "BRK.B 2026-10: without a reply, 1 bars. No accepted reply explains these bars" in ran.output
    assert Part("BRK.B", "2026-10") in bars(filled).parts


@pytest.mark.parametrize("damage", ["bytes", "gzip", "manifest"])
def test_a_damaged_reply_changes_nothing_and_is_named(filled: Lake, damage: str) -> None:
    manifest = manifest_of(filled)
    reply = next(path for path in manifest.parent.iterdir() if path.suffix == ".gz")
    content = {"bytes": b"\x1f\x8b" + bytes(20), "gzip": b"not gzip", "manifest": reply.read_bytes()}[damage]
    reply.write_bytes(content)
    if damage == "manifest":
        manifest.write_text("{")
    change_part(filled)
    version = bars(filled).version

    ran = run()

    assert (ran.code, bars(filled).version) == (3, version)
    assert "AAPL 2026-09: not readable" in ran.output
    assert "fetch the month again with --force" in ran.output


def test_a_fetch_at_the_same_time_wins(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    change_part(filled)
    raced: list[Ran] = []

    def fetch_meanwhile(*arguments: Any) -> Any:
        files = write_parts(*arguments)
        if not raced:
            raced.append(run_command("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-09", "--force"))
        return files

    monkeypatch.setattr(market.rebuild, "write_parts", fetch_meanwhile)

    ran = run()

    assert (ran.code, raced[0].code) == (0, 0)
    assert bars(filled).table.history()[0]["writer"] == "fetch_prices"
    assert run("--check").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--symbols", "A$"), "is not a symbol"), (("--months", "2026-13"), "is not a month")],
)
def test_wrong_arguments_are_named(lake: Lake, arguments: tuple[str, str], message: str) -> None:
    ran = run(*arguments)

    assert (ran.code, message in ran.output) == (2, True)


def test_a_lake_without_anything_is_equal(lake: Lake) -> None:
    ran = run()

    assert (ran.code, "no replies and no bars" in ran.output) == (0, True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_kill_leaves_whole_parts_and_the_next_run_completes(filled: Lake) -> None:
    before, chance = closes(filled), random.Random(seed := random.randrange(10**6))
    environment = fetch_environment(filled.url)
    lose_table(filled)
    with forks(environment, "market.management.commands.rebuild_bars") as forking:
        for _ in range(8):
            process = forking.start(environment, "rebuild_bars")
            process.ends_within(chance.uniform(0.05, 0.8))
            process.kill()
            assert closes(filled).items() <= before.items(), seed

    assert run().code == 0
    assert closes(filled) == before


def closes(lake: Lake) -> dict[Part, list[Any]]:
    stored = bars(lake)
    return {part: stored.read_part(part, ["close"])["close"].to_pylist() for part in stored.parts}
