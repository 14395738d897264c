"""What functions over whole parts have in common: Arrow in, Arrow out, numpy in between, null where undefined.

A function gets every row of one part (lookback included) in one call, so its result does not depend on how an
engine splits the rows, and all engines give the same bits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import cloudpickle
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

import analytics.formulas
import analytics.schemas
import analytics.transforms
from analytics.formulas.arrays import Integers
from analytics.formulas.basis import basis_of_sessions
from analytics.formulas.tables import ascending, integers
from analytics.transforms.bars import minute_of_session, regular_bars

PartFunction = Callable[[pa.Table], pa.Table]
GoOnFunction = Callable[["Further"], pa.Table]

# The workers of a cluster do not have this package, so what they run travels by value, with all that it calls.
for _package in (analytics.formulas, analytics.schemas, analytics.transforms):
    cloudpickle.register_pickle_by_value(_package)  # type: ignore[no-untyped-call]  # vendored, untyped


@dataclass(frozen=True)
class Further:
    """What parts go on from: the last rows that they have, and the regular bars after those.

    Part by part in the same order, ascending within each; `…_counts` are how many belong to each part. None is without
    news.
    """

    held: pa.Table
    held_counts: Integers
    news: pa.Table
    news_counts: Integers


@dataclass(frozen=True)
class GoingOn:
    """How parts get the rows of further sessions: by which function, of which columns of their last `rows` rows.

    The function gets many parts at a time and gives what each would get on its own, in the order of the news.
    """

    function: GoOnFunction
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class WholeParts:
    """A transform whose parts are each made by one call: of which columns of the regular bars, and of what schema.

    The function gets `symbol`, `month`, `session` and `bar_start` besides, `source_symbol` of a pair, `minute` (of the
    session) if it is wanted, and `basis` where a split lies in the part.
    """

    function: PartFunction
    schema: pa.Schema
    columns: tuple[str, ...]
    wants_minute: bool = False
    of_pairs: bool = False
    going_on: GoingOn | None = None


@dataclass(frozen=True)
class Held:
    """The last rows of parts, in one table, which travels to the workers in one piece."""

    rows: pa.Table
    # Where those of each symbol and month begin and end.
    where: Mapping[tuple[str, str], tuple[int, int]]

    def before(self, news: pa.Table) -> Further:
        """Return what the parts of one month go on from, whose news are ordered by `symbol`."""
        symbols, month = news["symbol"].combine_chunks().dictionary_encode(), str(news["month"][0])
        where = [self.where[str(symbol), month] for symbol in symbols.dictionary]
        held = pa.concat_tables(self.rows.slice(start, stop - start) for start, stop in where)
        counts = np.array([stop - start for start, stop in where], np.int64)
        return Further(held, counts, news, np.bincount(symbols.indices).astype(np.int64))


@dataclass(frozen=True)
class RunPart:
    """One part of a run: from which month on each source symbol's bars belong to it, and the splits among them."""

    symbol: str
    month: str
    inputs: str
    since: tuple[tuple[str, str], ...]
    splits: tuple[tuple[str, date, float], ...] = ()


Run = tuple[RunPart, ...]


def derive_parts(bars: DataFrame, whole: WholeParts, *, has_basis: bool = False) -> DataFrame:
    """Apply the function to each part of bars that name theirs in `symbol` and `month`."""
    basis = ["basis"] if has_basis else []
    grouped = _inputs(bars, whole, ["symbol", "month", *basis]).groupBy("symbol", "month")
    return grouped.applyInArrow(whole.function, from_arrow_schema(whole.schema)).select(whole.schema.names)


def derive_runs(bars: DataFrame, whole: WholeParts, runs: Sequence[Run]) -> DataFrame:
    """Apply the function to each part of bars that carry the number of their run in `run`; add `inputs`.

    Parts of a run share their lookback, so a bar travels to the function once and not once for each part it serves. The
    rows of a part come out together and ascending.
    """
    schema = whole.schema.append(pa.field("inputs", pa.string()))
    function = whole.function

    def of_run(bars_of_run: pa.Table) -> pa.Table:
        run = runs[bars_of_run["run"][0].as_py()]
        ordered = ascending(bars_of_run.drop_columns(["run"]), "bar_start")
        return pa.concat_tables([schema.empty_table(), *_parts(ordered, run, function, schema)])

    return _inputs(bars, whole, ["run"]).groupBy("run").applyInArrow(of_run, from_arrow_schema(schema))


def derive_news(bars: DataFrame, whole: WholeParts, held: "Held") -> DataFrame:
    """Apply the function that goes on to the news of each part and the last rows that it has.

    The parts of a month are one call: their news are few rows, and an engine takes longer to hand over a group.
    """
    going_on, names = whole.going_on, whole.schema.names
    if going_on is None:
        raise TypeError(f"nothing says how {whole.function.__name__} goes on")
    function = going_on.function

    def of_month(news: pa.Table) -> pa.Table:
        ordered = news.sort_by([("symbol", "ascending"), ("bar_start", "ascending")])
        return function(held.before(ordered)).select(names)

    grouped = _inputs(bars, whole, ["symbol", "month"]).groupBy("month")
    return grouped.applyInArrow(of_month, from_arrow_schema(whole.schema))


def _inputs(bars: DataFrame, whole: WholeParts, keys: Sequence[str]) -> DataFrame:
    source = ["source_symbol"] if whole.of_pairs else []
    minute = [minute_of_session().alias("minute")] if whole.wants_minute else []
    return regular_bars(bars).select(*keys, *source, "session", "bar_start", *whole.columns, *minute)


def _parts(bars: pa.Table, run: Run, function: PartFunction, schema: pa.Schema) -> Iterator[pa.Table]:
    """Make each part of a run from its own rows of it; a part without any has no result."""
    days = integers(bars, "session")
    for part in run:
        given = _given(bars, days, part)
        if given.num_rows:
            made = _own_rows(function(given), part)
            yield made.append_column("inputs", pa.repeat(part.inputs, made.num_rows)).select(schema.names)


def _given(bars: pa.Table, days: Integers, part: RunPart) -> pa.Table:
    """Return the rows of a part with the columns that name it."""
    first = min(month for _, month in part.since)
    start, stop = np.searchsorted(days, [_first_day(first), _first_day(part.month, later=1)])
    given = bars.slice(start, stop - start)
    for symbol, month in part.since:
        if month != first:
            others = pc.not_equal(given["source_symbol"], pa.scalar(symbol))
            since = pc.greater_equal(given["session"].cast(pa.int32()), pa.scalar(_first_day(month), pa.int32()))
            given = given.filter(pc.or_(others, since))
    for name, value in (("month", part.month), ("symbol", part.symbol)):
        given = given.add_column(0, name, pa.repeat(value, given.num_rows))
    return _with_basis(given, part) if part.splits else given


def _with_basis(given: pa.Table, part: RunPart) -> pa.Table:
    days, basis = given["session"].to_numpy().astype("datetime64[D]"), np.ones(given.num_rows)
    for symbol, _ in part.since:
        splits = [(effective, factor) for of, effective, factor in part.splits if of == symbol]
        of_symbol = basis_of_sessions(days, splits)
        both = "source_symbol" in given.column_names
        basis = np.where(given["source_symbol"].to_numpy() == symbol, of_symbol, basis) if both else of_symbol
    return given.append_column("basis", pa.array(basis))


def _own_rows(made: pa.Table, part: RunPart) -> pa.Table:
    """Drop the rows of earlier months, which were only looked back on."""
    if "session" not in made.column_names:
        return made
    return made.slice(int(np.searchsorted(integers(made, "session"), _first_day(part.month))))


def _first_day(month: str, later: int = 0) -> int:
    """Return the first day of a month, or so many months later, as days since 1970."""
    return int((np.datetime64(month, "M") + later).astype("datetime64[D]").astype(np.int64))
