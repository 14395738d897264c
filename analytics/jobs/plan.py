"""Decide which parts of a derived table are out of date, from the file lists of two snapshots and nothing else.

The path of each derived file carries a fingerprint of what it was made from
(docs/decisions/derived-parts-carry-their-inputs.md), so there is no other state that could be lost or lie.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations, groupby

from analytics.jobs.inputs import DigestOf, digest, inputs_of
from analytics.jobs.looks import Look
from analytics.jobs.splits import PartSplit, Splits, splits_within
from analytics.schemas import pair_name, pair_symbols
from analytics.transforms.catalog import Transform
from market.lake.chains import are_made_from, made_from
from market.lake.growth import Ancestor
from market.lake.snapshots import Part, PartFile, Snapshot

# A reader opens every file of a part. What is gone on with more often than this is made anew, in one file.
MOST_FILES = 12
_Files = Mapping[Part, tuple[PartFile, ...]]
AncestorsOf = Callable[[PartFile], Sequence[Ancestor]]
Each = Callable[[Callable[["PartWork"], "PartWork"], Iterable["PartWork"]], Iterable["PartWork"]]
_NO_SPLITS: Splits = {}


# Never changed, but not frozen, like PartFile: one is made for each part and table.
@dataclass(slots=True, unsafe_hash=True)
class PartWork:
    """One part to compute: from the bars of `sources` (itself and what lies before it), files in ascending order.

    `splits` are those that these bars lie on both sides of. With `gone_on`, only what the part lacks is computed, from
    the bars after those.
    """

    part: Part
    sources: tuple[PartFile, ...]
    inputs: str
    splits: tuple[PartSplit, ...] = ()
    gone_on: "GoneOn | None" = None

    @property
    def reads(self) -> dict[str, int]:
        """Return how many bars of which files it takes."""
        if self.gone_on:
            return {self.sources[-1].path: self.sources[-1].rows - self.gone_on.bars}
        return {file.path: file.rows for file in self.sources}

    @property
    def source_rows(self) -> int:
        return sum(self.reads.values())

    @property
    def folder(self) -> str:
        """Return what the path of its results says of them (market/lake/chains.py)."""
        return f"inputs={self.inputs}" + (f"/after={self.gone_on.inputs}" if self.gone_on else "")


@dataclass(frozen=True)
class GoneOn:
    """How far a part reaches already: it was made from the first `bars` rows of its last file of bars, as `inputs`."""

    inputs: str
    bars: int


@dataclass(frozen=True)
class TablePlan:
    """What one derived table needs to match the bars: parts to compute, and parts whose bars are gone."""

    transform: Transform
    derived: Snapshot
    stale: tuple[PartWork, ...]
    gone: tuple[Part, ...]
    look: Look


def plan_table(
    transform: Transform,
    bars: Snapshot,
    derived: Snapshot,
    *,
    symbols: Collection[str] | None = None,
    universe: Collection[str] | None = None,
    splits: Splits = _NO_SPLITS,
    full: bool = False,
    finished: Collection[Part] = (),
    ancestors_of: AncestorsOf = lambda file: (),
    digest_of: DigestOf = digest,
    each: Each = map,
    before: Look | None = None,
) -> TablePlan:
    """Compare a derived table with the bars, for some symbols or all; a pair is among them with both its symbols.

    Pairs are those of the `universe` (None: of all that have bars) and those that the table has already.
    `full` takes every part for stale but those in `finished`, which an earlier attempt of the same run has made.
    `ancestors_of` a file of bars are the older ones that it adds sessions to: their parts are gone on with. `each` asks
    for those of many files, in their order: with a pool for `map`, of several at a time. `digest_of` may remember:
    tables that look back equally far have what it is asked for in common. After an earlier look only those parts are
    looked at that can be out of date since `before`.
    """
    doubtful = before.doubtful(transform, bars, derived, splits) if before and not full else None
    works = part_works(transform, bars, universe, derived.parts, splits, digest_of, doubtful)
    stale = [
        work
        for work in works
        # First what nearly every part is done with.
        if not are_made_from(derived.parts.get(work.part, ()), work.inputs) or (full and work.part not in finished)
    ]
    made = derived.parts.keys() if doubtful is None else doubtful & derived.parts.keys()
    gone = _without_bars(transform, bars, made)
    look = Look(transform, bars, derived, splits, {*gone, *(work.part for work in stale)})
    stale = [work for work in stale if _is_wanted(transform, work.part, symbols)]
    if not full:
        stale = list(each(partial(_gone_on, transform, derived, ancestors_of), stale))
    wanted = tuple(part for part in gone if _is_wanted(transform, part, symbols))
    return TablePlan(transform, derived, tuple(stale), wanted, look)


def _without_bars(transform: Transform, bars: Snapshot, made: AbstractSet[Part]) -> list[Part]:
    """Return the parts whose bars are gone, ascending; a pair needs those of both its symbols."""
    if not transform.of_pairs:
        return sorted(part for part in made if part not in bars.parts)
    return [
        part
        for part in sorted(made)
        if any(Part(symbol, part.month) not in bars.parts for symbol in pair_symbols(part.symbol))
    ]


def _gone_on(transform: Transform, derived: Snapshot, ancestors_of: AncestorsOf, work: PartWork) -> PartWork:
    """Return what is left to do of a part that was made from an ancestor of its bars and from the same lookback."""
    files = derived.parts.get(work.part, ())
    rows, made = sum(file.rows for file in files), made_from(files)
    least = transform.goes_on_after
    if least is None or rows < least or not made or work.splits or len(files) >= MOST_FILES:
        return work
    *lookback, own = work.sources
    if lookback and lookback[-1].part == own.part:
        return work
    paths = [file.path for file in lookback]
    for ancestor in ancestors_of(own):
        if inputs_of(transform.formula_version, digest((*paths, ancestor.path))) == made:
            return replace(work, gone_on=GoneOn(made, ancestor.rows))
    return work


def _is_wanted(transform: Transform, part: Part, symbols: Collection[str] | None) -> bool:
    members = pair_symbols(part.symbol) if transform.of_pairs else (part.symbol,)
    return symbols is None or all(symbol in symbols for symbol in members)


def part_works(
    transform: Transform,
    bars: Snapshot,
    universe: Collection[str] | None = None,
    made: Collection[Part] = (),
    splits: Splits = _NO_SPLITS,
    digest_of: DigestOf = digest,
    only: Collection[Part] | None = None,
) -> Iterator[PartWork]:
    """Return what each part of the bars gives in a derived table, ascending by part; `made` are parts it has.

    With `only`, which is not for pairs, what those of them give that have bars.
    """
    if transform.of_pairs:
        sources = _pair_sources(transform, bars.parts, universe, made)
    else:
        sources = _sources(transform, bars.parts, only)
    for part, files in sources.items():
        within = splits_within(splits, part.month, files) if transform.crosses_sessions else ()
        of_bars = digest_of(tuple([file.path for file in files]))
        yield PartWork(part, files, inputs_of(transform.formula_version, of_bars, within), within)


def _sources(transform: Transform, bars: _Files, only: Collection[Part] | None = None) -> _Files:
    """Return the files that each part is made from, its lookback first."""
    if not transform.lookback_rows:
        return bars if only is None else {part: bars[part] for part in sorted(only) if part in bars}
    parts = list(bars)
    numbers = range(len(parts)) if only is None else [bisect_left(parts, part) for part in sorted(only) if part in bars]
    return {
        parts[number]: (*_lookback(bars, parts, number, transform.lookback_rows), *bars[parts[number]])
        for number in numbers
    }


def _pair_sources(transform: Transform, bars: _Files, universe: Collection[str] | None, made: Iterable[Part]) -> _Files:
    """Return the files of both symbols for each pair in each month that both have bars in (docs/decisions/pairs.md)."""
    known = {part.symbol for part in bars}
    chosen = sorted(symbol for symbol in known if universe is None or symbol in universe)
    pairs = {*combinations(chosen, 2), *(pair_symbols(name) for name in {part.symbol for part in made})}
    members = {symbol for pair in pairs for symbol in pair}
    sources = _sources(transform, {part: files for part, files in bars.items() if part.symbol in members})
    months: dict[str, set[str]] = defaultdict(set)
    for part in sources:
        months[part.symbol].add(part.month)
    return {
        Part(pair_name(a, b), month): sources[Part(a, month)] + sources[Part(b, month)]
        for a, b in sorted(pairs)
        for month in sorted(months[a] & months[b])
    }


def batches(works: Sequence[PartWork], most_rows: int) -> Iterator[tuple[PartWork, ...]]:
    """Split work, in its order, into batches that read at most so many rows, or one part that has more.

    What several parts of a batch look back on counts once. A symbol stays together where it fits: parts of the same
    months of several symbols are one commit.
    """
    batch: list[PartWork] = []
    files: dict[str, int] = {}
    for some in _whole_symbols(works, most_rows):
        own = rows_of_files(some)
        if batch and sum((files | own).values()) > most_rows:
            yield tuple(batch)
            batch, files = [], {}
        batch += some
        files |= own
    if batch:
        yield tuple(batch)


def _whole_symbols(works: Sequence[PartWork], most_rows: int) -> Iterator[list[PartWork]]:
    for _, of_symbol in groupby(works, key=lambda work: work.part.symbol):
        some = list(of_symbol)
        if sum(rows_of_files(some).values()) <= most_rows:
            yield some
        else:
            yield from ([work] for work in some)


def rows_of_files(works: Iterable[PartWork]) -> dict[str, int]:
    return {path: rows for work in works for path, rows in work.reads.items()}


def _lookback(bars: _Files, parts: Sequence[Part], number: int, rows: int) -> Iterable[PartFile]:
    """Return the files of the last parts of the same symbol before one that together have so many rows, or of all."""
    first, symbol = number, parts[number].symbol
    while first and rows > 0 and parts[first - 1].symbol == symbol:
        first -= 1
        for file in bars[parts[first]]:
            rows -= file.rows
    return chain.from_iterable(map(bars.__getitem__, parts[first:number]))
