"""What the bars of a symbol-month must be, worked out from the stored replies alone.

A manifest is written last, so what it says did happen. A reply without one is from a run that was ended: its bars may
have been committed before that, or not. Both are right until the next reply says which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.corrections import Replacement, record
from market.ingest.commit import Verdict
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.providers.base import ProviderError
from market.providers.registry import ProviderUnknown, get_reader
from market.raw_reading import RawDamaged, StoredReply, accepted, read_manifest, read_reply, stored_replies

_CHANGES = (Verdict.ADDED, Verdict.UPDATED)
_reader = cache(get_reader)


class ReplyUnreadable(Exception):
    """A reply was taken when it came and cannot be now; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Version:
    """Bars of a symbol-month as one reply made them, BAR_SCHEMA."""

    reply: StoredReply
    bars: pa.Table


@dataclass(frozen=True, slots=True)
class Expected:
    """What the table may hold of a part: `settled`, or else `unsettled`, the newest reply that nobody has reported on.

    Either may be None; with neither the part has no bars.
    """

    settled: Version | None
    unsettled: Version | None

    @property
    def versions(self) -> tuple[Version, ...]:
        return tuple(version for version in (self.settled, self.unsettled) if version is not None)


def expected_bars(lake: Lake, part: Part, folders: Sequence[str]) -> Expected:
    """Read no more replies than it takes. Raises ReplyUnreadable, RawDamaged and LakeUnreachable."""
    unsettled = oldest = None
    for reply in reversed(replies_of(lake, folders)):
        if reply.outcome is None:
            unsettled = unsettled or _try_version(lake, part, reply)
        elif accepted(reply):
            oldest = reply
            if _changed_bars(lake, reply):
                break
    return Expected(_version(lake, part, oldest) if oldest else None, unsettled)


def record_history(lake: Lake, part: Part, folders: Sequence[str]) -> int:
    """Write down what each accepted reply changed of the one before, and return how many bars.

    Fetching does so as it goes; this makes up for a run that was ended just before it could. Raises as
    `expected_bars` does, and TableChanged.
    """
    replies = [reply for reply in replies_of(lake, folders) if accepted(reply) and _changed_bars(lake, reply)]
    if len(replies) < 2:
        return 0
    changed, old = 0, _version(lake, part, replies[0]).bars
    for reply in replies[1:]:
        new = _version(lake, part, reply).bars
        changed += record(lake, Replacement(part, old, new, reply.stem, reply.fetched_at))
        old = new
    return changed


def replies_of(lake: Lake, folders: Sequence[str]) -> list[StoredReply]:
    """Return the replies of a symbol-month, of whichever provider, oldest first. Raises LakeUnreachable."""
    return sorted(reply for folder in folders for reply in stored_replies(lake, folder))


def _changed_bars(lake: Lake, reply: StoredReply) -> bool:
    return read_manifest(lake, reply).get("result") in _CHANGES


def _version(lake: Lake, part: Part, reply: StoredReply) -> Version:
    try:
        raw = read_reply(lake, reply)
        parsed = _reader(reply.provider)(raw)
        bars = build_bars(parsed.bars, Origin(part.symbol, raw.month, reply.provider, reply.fetched_at))
    except (ProviderError, ProviderUnknown, BarsOutOfMonth) as error:
        raise ReplyUnreadable(f"{reply.path} was taken when it came and is not now: {error}") from error
    return Version(reply, bars)


def _try_version(lake: Lake, part: Part, reply: StoredReply) -> Version | None:
    """Read a reply that nobody has reported on; None where it can never have been taken."""
    try:
        version = _version(lake, part, reply)
    except (ReplyUnreadable, RawDamaged):
        return None
    return version if version.bars.num_rows else None
