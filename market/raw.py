"""Raw replies in the lake: stored once as they came (without the key), before anybody looks into them.

    raw/<provider>/<function>/symbol=AAPL/month=2026-10/20261124T050700000000Z_0123456789ab.csv.gz
    raw/<provider>/<function>/symbol=AAPL/month=2026-10/20261124T050700000000Z_0123456789ab.ok.json

The second object is the manifest. It is written after the reply was acted on and carries the outcome in its name:
`ok` means that the table `bars` holds these bars. A reply without a manifest was never acted on.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.files.base import ContentFile, File

from market.bars import RULES_VERSION
from market.lake.faults import reaching
from market.lake.location import Lake
from market.months import Month
from market.providers.base import RawReply

ACCEPTED = "ok"
_STAMP = "%Y%m%dT%H%M%S%fZ"
# Level 4 takes an eighth less room and twice the time, level 6 a fifth less and five times the time.
_GZIP_LEVEL = 1
_EXTENSIONS = {"application/json": "json", "text/html": "html"}


@dataclass(frozen=True, slots=True)
class RawObject:
    """A stored reply; `stem` is its path in the lake without extension."""

    reply: RawReply
    stem: str
    sha256: str


def folder_of(provider: str, function: str, symbol: str, month: Month) -> str:
    """Return the folder of a symbol-month's replies.

    >>> folder_of("alpha_vantage", "TIME_SERIES_INTRADAY", "BRK.B", Month(2026, 10))
    'raw/alpha_vantage/TIME_SERIES_INTRADAY/symbol=BRK.B/month=2026-10'
    """
    return f"raw/{provider}/{function}/symbol={symbol}/month={month}"


def store_reply(lake: Lake, reply: RawReply) -> RawObject:
    """Write a reply; the same reply at the same instant is there already. Raises LakeUnreachable."""
    sha256 = hashlib.sha256(reply.body).hexdigest()
    folder = folder_of(reply.provider, reply.function, reply.symbol, reply.month)
    stem = f"{folder}/{reply.fetched_at.astimezone(UTC):{_STAMP}}_{sha256[:12]}"
    extension = _EXTENSIONS.get(reply.content_type.partition(";")[0].strip(), "csv")
    _write_once(lake, f"{stem}.{extension}.gz", gzip.compress(reply.body, compresslevel=_GZIP_LEVEL, mtime=0))
    return RawObject(reply, stem, sha256)


def write_manifest(lake: Lake, raw: RawObject, outcome: str, facts: Mapping[str, Any]) -> None:
    """Say what came of a stored reply; `facts` (JSON values) are added. Raises LakeUnreachable."""
    reply = raw.reply
    manifest = {
        "provider": reply.provider,
        "function": reply.function,
        "symbol": reply.symbol,
        "month": str(reply.month),
        "request": dict(reply.request),
        "status": reply.status,
        "content_type": reply.content_type,
        "bytes": len(reply.body),
        "sha256": raw.sha256,
        "fetched_at": reply.fetched_at.isoformat(),
        "outcome": outcome,
        "rules_version": RULES_VERSION,
        **facts,
    }
    _write_once(lake, f"{raw.stem}.{outcome}.json", json.dumps(manifest, indent=1).encode())


def last_accepted(lake: Lake, provider: str, function: str, symbol: str, month: Month) -> datetime | None:
    """Return when the newest reply that the bars table holds was fetched; None when there is none yet.

    Names alone are read, so asking costs one listing. Raises LakeUnreachable.
    """
    newest = _newest_accepted(lake, folder_of(provider, function, symbol, month))
    return datetime.strptime(newest.partition("_")[0], _STAMP).replace(tzinfo=UTC) if newest else None


def last_accepted_is(lake: Lake, folder: str, content_hash: str) -> bool:
    """Tell whether the newest reply that the bars table holds has this content. Raises LakeUnreachable."""
    newest = _newest_accepted(lake, folder)
    return newest is not None and newest.partition("_")[2].startswith(content_hash[:12])


def store_original(lake: Lake, provider: str, content: "File[bytes]", name: str) -> str:
    """Keep a file as it came, once, whatever it was called; return its path. Raises LakeUnreachable.

    `name` is its hash with the extension.
    """
    path = f"raw/{provider}/originals/{name}"
    with reaching(lake), suppress(FileExistsError):
        if not lake.storage.exists(path):
            lake.storage.save(path, content)
    return path


def _newest_accepted(lake: Lake, folder: str) -> str | None:
    try:
        with reaching(lake):
            _, names = lake.storage.listdir(folder)
    except FileNotFoundError:
        return None
    return max((name for name in names if name.endswith(f".{ACCEPTED}.json")), default=None)


def _write_once(lake: Lake, path: str, content: bytes) -> None:
    # Whoever was first wrote the same: the name holds the hash of the reply and when it came.
    with reaching(lake), suppress(FileExistsError):
        if not lake.storage.exists(path):
            lake.storage.save(path, ContentFile(content))
