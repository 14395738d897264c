"""Which parts of a derived table can be out of date, by what was different when it was planned before.

Looking at all of them takes as long as the history is; most of them are as they were.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import compress
from operator import is_not

from analytics.jobs.splits import Splits
from analytics.transforms.catalog import Transform
from market.lake.snapshots import Part, PartFile, Snapshot

_Files = Mapping[Part, tuple[PartFile, ...]]


@dataclass(frozen=True)
class Look:
    """What a table was planned from, and the parts of it that were out of date then, or of bars that were gone."""

    transform: Transform
    bars: Snapshot
    derived: Snapshot
    splits: Splits
    stale: AbstractSet[Part]

    def doubtful(
        self, transform: Transform, bars: Snapshot, derived: Snapshot, splits: Splits
    ) -> AbstractSet[Part] | None:
        """Return the parts that can be out of date by now; None if all can be."""
        if transform.of_pairs or transform != self.transform:
            return None
        if transform.crosses_sessions and splits != self.splits:
            return None
        moved = _differing(self.bars.parts, bars.parts)
        if transform.lookback_rows:
            moved = moved | _later(moved, bars.parts)
        return moved | _differing(self.derived.parts, derived.parts) | self.stale


def _differing(before: _Files, after: _Files) -> AbstractSet[Part]:
    """Return the parts that have other files than before, or none any more."""
    if [*before] != [*after]:
        return {part for part in before.keys() | after.keys() if before.get(part) != after.get(part)}
    # From version to version what stays is the same object, so most parts need no comparing.
    others = compress(after, map(is_not, before.values(), after.values()))
    return {part for part in others if before[part] != after[part]}


def _later(moved: AbstractSet[Part], bars: _Files) -> AbstractSet[Part]:
    """Return the parts that come after the first of each symbol, and so may look back on it."""
    first: dict[str, str] = {}
    for symbol, month in sorted(moved, reverse=True):
        first[symbol] = month
    return {part for part in bars if part.symbol in first and part.month > first[part.symbol]}
