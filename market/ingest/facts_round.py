"""A round through the symbols' splits, dividends and daily figures, as far as time and the day's budget go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from market.actions import daily_figures_table
from market.budget.ledger import Clock
from market.ingest.known import Learnt, learn_known
from market.ingest.pacing import Sleep
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.providers.asking import FactsProvider
from market.providers.base import FatalError, ProviderError


@dataclass(frozen=True, slots=True)
class Round:
    """`failed` says by symbol why; `left` are those that were not asked about, for the reason in `stopped`."""

    learnt: tuple[Learnt, ...]
    failed: Mapping[str, str]
    left: tuple[str, ...]
    stopped: str

    @property
    def changed(self) -> bool:
        return any(each.changed for each in self.learnt)

    def summary(self) -> str:
        lines = [str(each) for each in self.learnt]
        lines += [f"{symbol}: {reason}" for symbol, reason in self.failed.items()]
        if self.left:
            lines.append(f"{len(self.left)} symbols are left for the next run. {self.stopped}".rstrip())
        return "\n".join([f"facts of {len(self.learnt)} symbols", *lines])


def known_at(lake: Lake) -> dict[str, datetime]:
    """Return by symbol when its newest daily figures were fetched. Raises LakeUnreachable."""
    snapshot = daily_figures_table(lake).snapshot()
    newest: dict[str, Part] = {part.symbol: part for part in sorted(snapshot.parts, key=lambda part: part.month)}
    rows = {symbol: snapshot.read_part(part, ["fetched_at"]).to_pylist() for symbol, part in newest.items()}
    return {symbol: max(row["fetched_at"] for row in of_symbol) for symbol, of_symbol in rows.items() if of_symbol}


def outdated(lake: Lake, symbols: Sequence[str], since: datetime) -> list[str]:
    """Return the symbols about which nothing was learnt since then, those longest unasked first."""
    known = known_at(lake)
    old = [symbol for symbol in symbols if symbol not in known or known[symbol] < since]
    return sorted(old, key=lambda symbol: known[symbol].timestamp() if symbol in known else 0.0)


def learn_in_turn(
    symbols: Sequence[str], lake: Lake, provider: FactsProvider, clock: Clock, *, until: datetime, sleep: Sleep
) -> Round:
    """Ask about one symbol after the other (three requests each) until `until` or the day's budget ends.

    Raises LakeUnreachable.
    """
    learnt: list[Learnt] = []
    failed: dict[str, str] = {}
    for number, symbol in enumerate(symbols):
        now = clock()
        if now >= until:
            return Round(tuple(learnt), failed, tuple(symbols[number:]), "")
        try:
            learnt.append(learn_known(lake, provider, symbol, now, sleep=sleep, note=_unheard))
        except FatalError as error:
            return Round(tuple(learnt), failed, tuple(symbols[number:]), str(error))
        except ProviderError as error:
            failed[symbol] = str(error)
    return Round(tuple(learnt), failed, (), "")


def _unheard(_line: str) -> None:
    """Nobody watches the worker's waits."""
