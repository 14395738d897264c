"""Bring files of bars into the lake: keep them as they came, join them with earlier ones, say what was not taken."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.core.files.base import File

from market.bars.csv import parse_csv
from market.ingest.claims import Claims
from market.ingest.outcomes import FetchReport
from market.ingest.plan import make_plan
from market.ingest.requests import FetchRequest, Period, RequestInvalid, read_request
from market.ingest.run import fetch_prices
from market.lake.location import Lake
from market.months import Month
from market.progress import Progress
from market.providers.files.provider import FUNCTION, Files
from market.providers.files.scanned import Refusal, Scanned
from market.raw import folder_of, store_original
from market.raw_reading import accepted, read_reply, stored_replies

_MOST_LINES = 20


def keep_originals(scanned: Scanned, lake: Lake) -> None:
    """Store the files as they came, each content once. Raises LakeUnreachable."""
    for source in {source.sha256: source for source in scanned.sources}.values():
        with source.path.open("rb") as handle:
            store_original(lake, "files", File(handle), f"{source.sha256}{_extension(source.path)}")


def join_files(provider: Files, lake: Lake) -> Files:
    """Return the provider joined to what the lake's newest reply from files holds of each cell."""

    def earlier(symbol: str, month: Month) -> pa.Table | None:
        replies = stored_replies(lake, folder_of(provider.name, FUNCTION, symbol, month))
        newest = next((reply for reply in reversed(replies) if accepted(reply)), None)
        return parse_csv(read_reply(lake, newest).body) if newest else None

    return replace(provider, earlier=earlier)


def _extension(path: Path) -> str:
    """Return the extension, with the one below `.gz`, as far as it is a plain word."""
    return "".join(suffix for suffix in path.suffixes[-2:] if suffix[1:].isalnum()).lower()


def whole_request(provider: Files, now: datetime, *, force: bool = False) -> FetchRequest:
    """Return the request for all that the files hold. Raises RequestInvalid."""
    scanned = provider.scanned
    months = Period([str(month) for month in scanned.months])
    return read_request(scanned.symbols, months, provider=provider, now=now, force=force)


def import_files(
    request: FetchRequest, lake: Lake, provider: Files, now: datetime, progress: Progress, claims: Claims | None = None
) -> FetchReport:
    """Bring what is asked for of the files into the lake. Raises DataMixed and LakeUnreachable."""
    provider = join_files(provider, lake)
    # Nothing of a file is kept in a lake that may not have it.
    make_plan(request, lake, provider, now)
    keep_originals(provider.scanned, lake)
    return fetch_prices(request, lake, provider, now, progress, claims=claims)


def check_symbols(scanned: Scanned, symbols: Iterable[str]) -> None:
    """Raise RequestInvalid for a symbol that no file holds."""
    if absent := sorted(set(symbols) - set(scanned.symbols)):
        there = ", ".join(scanned.symbols[:_MOST_LINES]) or "no symbol"
        raise RequestInvalid(f"--symbols: no file holds {', '.join(absent)}; the files hold {there}.")


def findings(scanned: Scanned) -> list[str]:
    """Return lines that say what was read and how, what was left aside, and what was refused and why."""
    lines = [f"{len(scanned.sources)} files read: {len(scanned.symbols)} symbols, {len(scanned.months)} months."]
    conventions = {
        f"  {source.layout}: zone {source.conventions.zone}, label {source.conventions.label}": None
        for source in scanned.sources
    }
    return [
        *lines,
        *_some(list(conventions)),
        *_told("left aside", scanned.skipped),
        *_told("REFUSED", scanned.refused),
    ]


def _told(what: str, refusals: list[Refusal]) -> list[str]:
    return _some([f"  {what}: {refusal.name}: {refusal.reason}." for refusal in refusals])


def _some(lines: list[str]) -> list[str]:
    left = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"  … and {left} more of these."] if left > 0 else [])]
