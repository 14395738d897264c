"""The stored replies against their hashes and manifests, and the bars against what the manifests count."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from market.ingest.commit import Verdict
from market.lake.location import Lake
from market.lake.snapshots import Part, Snapshot
from market.raw_reading import (
    RawDamaged,
    StoredReply,
    accepted,
    file_names,
    read_manifest,
    read_reply,
    stored_replies,
)
from market.verify.report import Finding, Kind

_CHANGES = (Verdict.ADDED, Verdict.UPDATED)
_FETCH_AGAIN = "Put the object back from a backup, or delete it with its manifest and fetch the month with --force"


def check_folder(lake: Lake, folder: str) -> Iterator[Finding]:
    """Check each object of one symbol-month of one provider. Raises LakeUnreachable."""
    replies = stored_replies(lake, folder)
    for reply in replies:
        yield from _check_reply(lake, reply)
    stems = {reply.name.partition(".")[0] for reply in replies}
    for name in file_names(lake, folder):
        if name.endswith(".json") and name.partition(".")[0] not in stems:
            yield Finding(Kind.RAW_MISSING, f"{folder}/{name}", "its reply is not there", f"{_FETCH_AGAIN}.")
        elif name.startswith("."):
            yield Finding(
                Kind.ORPHAN, f"{folder}/{name}", "a write that was broken off", "It can go: --repair deletes it."
            )


def _check_reply(lake: Lake, reply: StoredReply) -> Iterator[Finding]:
    try:
        raw = read_reply(lake, reply)
    except RawDamaged as error:
        yield Finding(Kind.RAW_DAMAGED, reply.path, str(error).rstrip("."), f"{_FETCH_AGAIN}.")
        return
    if reply.outcome is None:
        # A run was ended before it came to write one. The month is asked for again, so nothing is lost.
        return
    told = read_manifest(lake, reply)
    facts = {"provider": raw.provider, "symbol": raw.symbol, "month": str(raw.month), "bytes": len(raw.body)}
    wrong = [name for name, value in facts.items() if told.get(name) != value]
    if wrong or told.get("outcome") != reply.outcome:
        names = ", ".join([*wrong, *([] if told.get("outcome") == reply.outcome else ["outcome"])])
        advice = "The reply itself is whole: correct the manifest, or fetch the month with --force."
        yield Finding(Kind.MANIFEST_WRONG, reply.manifest_path, f"it does not fit the reply: {names}", advice)


def check_count(lake: Lake, snapshot: Snapshot, part: Part, folders: Sequence[str]) -> Iterator[Finding]:
    """Compare the rows of a part with the manifest of the reply that it was made from. Raises LakeUnreachable."""
    told = _newest_change(lake, folders)
    rows = sum(file.rows for file in snapshot.files if file.part == part)
    if told is not None and told.get("rows") != rows:
        yield Finding(
            Kind.COUNT_WRONG,
            f"tables/{snapshot.table.name} {part}",
            f"it has {rows:,} rows, and the reply of {told.get('fetched_at')} brought {told.get('rows')}",
            f"`manage.py rebuild_bars --symbols {part.symbol} --months {part.month}` makes it right.",
        )


def _newest_change(lake: Lake, folders: Sequence[str]) -> Mapping[str, Any] | None:
    """Return the manifest of the newest reply that changed the part; None where one may be missing after it."""
    replies = sorted(reply for folder in folders for reply in stored_replies(lake, folder))
    for reply in reversed(replies):
        if reply.outcome is None:
            return None
        if accepted(reply):
            try:
                manifest = read_manifest(lake, reply)
            except RawDamaged:
                return None
            if manifest.get("result") in _CHANGES:
                return manifest
    return None
