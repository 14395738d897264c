"""Runs: parts of one symbol (or pair) that are computed in one call, because they look back on the same bars."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from analytics.jobs.plan import PartWork, batches
from analytics.transforms.grouped import Run, RunPart

# About a year of regular bars: what one call of a function holds in memory.
RUN_ROWS = 125_000


def split_runs(works: Sequence[PartWork]) -> Iterator[tuple[PartWork, ...]]:
    """Split the work of a batch into runs, in its order."""
    for _, of_symbol in groupby(works, key=lambda work: work.part.symbol):
        yield from batches(list(of_symbol), RUN_ROWS)


def run_of(works: Iterable[PartWork]) -> Run:
    """Return what the function is told of each part."""
    return tuple(_run_part(work) for work in works)


def _run_part(work: PartWork) -> RunPart:
    since: dict[str, str] = {}
    for file in work.sources:
        since[file.part.symbol] = min(file.part.month, since.get(file.part.symbol, file.part.month))
    splits = tuple((split.symbol, split.session, split.factor) for split in work.splits)
    return RunPart(work.part.symbol, work.part.month, work.inputs, tuple(since.items()), splits)
