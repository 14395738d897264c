"""How much of one symbol was traded at which price, over a range."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.formulas.arrays import Floats
from analytics.formulas.volume_profile import VolumeProfile, volume_profile
from analytics.queries.adjustment import Basis, Factors, adjusted_provenance, factors_of
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.instants import Minutes, to_minutes
from analytics.queries.paths import Span
from analytics.queries.provenance import Provenance, provenance_of
from analytics.queries.reader import LakeReader
from analytics.queries.sessions import session_table
from analytics.queries.symbols import bars_view, require_symbols
from market.months import Month

_COLUMNS = ("bar_start", "phase", "quarantined", "high", "low", "close", "volume")


@dataclass(frozen=True)
class _Trades:
    """Typical prices and volumes of regular, not quarantined bars, ascending."""

    minutes: Minutes
    price: Floats
    volume: Floats

    @property
    def nbytes(self) -> int:
        return self.minutes.nbytes + self.price.nbytes + self.volume.nbytes

    def on_basis(self, factors: Factors) -> "_Trades":
        prices, volumes = factors.of_minutes(self.minutes)
        return _Trades(self.minutes, self.price * prices, self.volume * volumes)


@dataclass(frozen=True)
class SymbolProfile:
    """A profile, or the reason why there is none; `sample` counts minutes."""

    symbol: str
    sample: int
    profile: VolumeProfile | None
    provenance: Provenance

    @property
    def reason(self) -> str | None:
        if self.profile:
            return None
        return "No shares were traded in these minutes." if self.sample else "There are no bars in the range."

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "sample": self.sample,
            "reason": self.reason,
            "bins": self.bins(),
            **self._named(),
            "provenance": self.provenance.to_json(),
        }

    def bins(self) -> list[dict[str, float]]:
        if not self.profile:
            return []
        edges, volume = self.profile.edges, self.profile.volume
        total = float(volume.sum())
        return [
            {"price_from": float(low), "price_to": float(high), "volume": float(shares), "share": float(shares) / total}
            for low, high, shares in zip(edges[:-1], edges[1:], volume, strict=True)
        ]

    def _named(self) -> dict[str, float | None]:
        found = self.profile
        if not found:
            return dict.fromkeys(("point_of_control", "value_area_low", "value_area_high"))
        at = found.point_of_control
        return {
            "point_of_control": float(found.edges[at : at + 2].mean()),
            "value_area_low": float(found.edges[found.first]),
            "value_area_high": float(found.edges[found.last + 1]),
        }


def symbol_profile(reader: LakeReader, symbol: str, span: Span, basis: Basis, bins: int) -> SymbolProfile:
    """Return the profile of a symbol's typical prices. Raises NoBars, SymbolUnknown."""
    bars = bars_view(reader)
    require_symbols(bars, [symbol], "symbol")
    parts = bars.parts_of(symbol, str(Month.of(span.first)), str(Month.of(span.last)))
    factors = factors_of(reader, symbol, basis.adjustment, basis.now).before(span.first)
    traded = [_between(reader.derive(bars, part, _COLUMNS, _trades), span).on_basis(factors) for part in parts]
    price, volume = (
        np.concatenate([np.zeros(0), *(getattr(each, name) for each in traded)]) for name in ("price", "volume")
    )
    provenance = provenance_of(reader, bars, parts, sessions=(span.first, span.last))
    provenance = adjusted_provenance(reader, provenance, basis.adjustment, {symbol: factors})
    return SymbolProfile(symbol, len(price), volume_profile(price, volume, bins), provenance)


def _trades(bars: pa.Table) -> _Trades:
    usable = equals(bars["phase"], "regular") & ~to_numpy(bars["quarantined"])
    high, low, close, volume = (to_numpy(bars[name])[usable] for name in ("high", "low", "close", "volume"))
    return _Trades(to_minutes(bars["bar_start"])[usable], (high + low + close) / 3, volume.astype(np.float64))


def _between(trades: _Trades, span: Span) -> _Trades:
    sessions = session_table().between(span.first, span.last)
    if not len(sessions):
        return _Trades(trades.minutes[:0], trades.price[:0], trades.volume[:0])
    start = max(span.start, int(sessions.opens[0]))
    end = min(span.end, int(sessions.opens[-1] + sessions.lengths[-1]))
    rows = slice(*np.searchsorted(trades.minutes, [start, end]))
    return _Trades(trades.minutes[rows], trades.price[rows], trades.volume[rows])
