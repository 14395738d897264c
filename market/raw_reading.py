"""Read back what `market.raw` has stored: the replies of a symbol-month, what came of each, and their bodies."""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from market.lake.faults import reaching
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.months import Month
from market.providers.base import RawReply
from market.providers.registry import bar_function
from market.raw import ACCEPTED

_FOLDER = re.compile(r"raw/(?P<provider>[^/]+)/(?P<function>[^/]+)/symbol=(?P<symbol>[^/]+)/month=(?P<month>[^/]+)")
_OBJECT = re.compile(r"(?P<stamp>\d{8}T\d{12}Z)_(?P<sha>[0-9a-f]{12})\.(?P<extension>\w+)\.gz")
_MANIFEST = re.compile(r"(?P<base>\d{8}T\d{12}Z_[0-9a-f]{12})\.(?P<outcome>\w+)\.json")
_STAMP = "%Y%m%dT%H%M%S%fZ"
_CONTENT_TYPES = {"json": "application/json", "html": "text/html"}
# A month is 1 to 4 MB; what opens to more than this is no reply that anybody has stored.
_MAX_BODY_BYTES = 256 * 1024 * 1024


class RawDamaged(Exception):
    """A stored object is not what was written; the message says which and what to do."""


@dataclass(frozen=True, order=True, slots=True)
class StoredReply:
    """One reply in the lake, in order of time; `outcome` is None where nobody came to write what became of it."""

    fetched_at: datetime
    folder: str
    name: str
    outcome: str | None

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def stem(self) -> str:
        """The path without extensions, as `market.raw.RawObject` has it."""
        return f"{self.folder}/{self.name.partition('.')[0]}"

    @property
    def provider(self) -> str:
        return self.folder.split("/")[1]

    @property
    def manifest_path(self) -> str:
        return f"{self.stem}.{self.outcome}.json"


def raw_folders(lake: Lake) -> dict[Part, list[str]]:
    """Return the folders with replies of each symbol-month, of every provider. Raises LakeUnreachable."""
    folders: dict[Part, list[str]] = defaultdict(list)
    for function in (inner for provider in _below(lake, "raw") for inner in _below(lake, provider)):
        for month in (inner for symbol in _below(lake, function) for inner in _below(lake, symbol)):
            if named := _FOLDER.fullmatch(month):
                folders[Part(named["symbol"], named["month"])].append(month)
    return dict(sorted(folders.items()))


def bar_folders(lake: Lake) -> dict[Part, list[str]]:
    """Return the folders with replies that can be bars. Raises LakeUnreachable."""
    found = {part: [*filter(_is_of_bars, folders)] for part, folders in raw_folders(lake).items()}
    return {part: folders for part, folders in found.items() if folders}


def _is_of_bars(folder: str) -> bool:
    _, provider, function, *_ = folder.split("/")
    return bar_function(provider) == function


def stored_replies(lake: Lake, folder: str) -> list[StoredReply]:
    """Return the replies of one folder, oldest first; one listing. Raises LakeUnreachable."""
    names = file_names(lake, folder)
    outcomes = {found["base"]: found["outcome"] for name in names if (found := _MANIFEST.fullmatch(name))}
    replies = []
    for name in names:
        if found := _OBJECT.fullmatch(name):
            fetched_at = datetime.strptime(found["stamp"], _STAMP).replace(tzinfo=UTC)
            replies.append(StoredReply(fetched_at, folder, name, outcomes.get(name.partition(".")[0])))
    return sorted(replies)


def accepted(reply: StoredReply) -> bool:
    return reply.outcome == ACCEPTED


def read_manifest(lake: Lake, reply: StoredReply) -> Mapping[str, Any]:
    """Return what was written about a reply that has an outcome. Raises RawDamaged, LakeUnreachable."""
    try:
        with reaching(lake), lake.storage.open(reply.manifest_path) as handle:
            manifest = json.loads(handle.read())
    except (ValueError, FileNotFoundError) as error:
        raise RawDamaged(f"The manifest {reply.manifest_path} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise RawDamaged(f"The manifest {reply.manifest_path} is not an object of JSON.")
    return manifest


def read_reply(lake: Lake, reply: StoredReply) -> RawReply:
    """Return a stored reply as it came. Raises RawDamaged when its bytes are not those that were stored."""
    named = _FOLDER.fullmatch(reply.folder)
    if named is None:
        raise RawDamaged(f"{reply.folder} is not a folder of replies.")
    body = _read_body(lake, reply)
    manifest = read_manifest(lake, reply) if reply.outcome else {}
    digest = hashlib.sha256(body).hexdigest()
    if not reply.name.partition("_")[2].startswith(digest[:12]) or manifest.get("sha256", digest) != digest:
        raise RawDamaged(f"{reply.path} is not what was stored: its hash is {digest[:12]}.")
    extension = reply.name.split(".")[1]
    return RawReply(
        provider=named["provider"],
        function=named["function"],
        symbol=named["symbol"],
        month=Month.parse(named["month"]),
        request=manifest.get("request", {}),
        status=manifest.get("status", 200),
        content_type=manifest.get("content_type", _CONTENT_TYPES.get(extension, "text/csv")),
        body=body,
        fetched_at=reply.fetched_at,
    )


def _read_body(lake: Lake, reply: StoredReply) -> bytes:
    with reaching(lake), lake.storage.open(reply.path) as handle:
        packed = handle.read()
    try:
        # Limited, because a few hundred bytes can be made to unpack to gigabytes.
        body = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(_MAX_BODY_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RawDamaged(f"{reply.path} cannot be unpacked: {error}") from error
    if len(body) > _MAX_BODY_BYTES:
        raise RawDamaged(f"{reply.path} unpacks to more than {_MAX_BODY_BYTES >> 20} MB.")
    return body


def _below(lake: Lake, folder: str) -> Iterator[str]:
    try:
        with reaching(lake):
            names, _ = lake.storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name.rstrip('/')}" for name in sorted(names))


def file_names(lake: Lake, folder: str) -> list[str]:
    """Return the names of the files in a folder, ascending; none when it is not there. Raises LakeUnreachable."""
    try:
        with reaching(lake):
            return sorted(lake.storage.listdir(folder)[1])
    except FileNotFoundError:
        return []
