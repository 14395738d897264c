"""What providers tell besides minute bars, in one form for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from market.symbols import SymbolInvalid, parse_symbol


@dataclass(frozen=True, slots=True)
class DailyBar:
    """One session as the exchange's official figures say; prices in dollars as traded, volume in shares."""

    session: date
    open: float
    high: float
    low: float
    close: float
    volume: int


@dataclass(frozen=True, slots=True)
class Split:
    """From the session `effective` on, one old share is `factor` new ones; a spin-off gives factors like 1.046."""

    effective: date
    factor: float


@dataclass(frozen=True, slots=True)
class Dividend:
    """Cash of `amount` dollars a share, as paid then, to who held it before the session `ex_date`."""

    ex_date: date
    amount: float
    declared: date | None
    recorded: date | None
    paid: date | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a list of all symbols; `spelling` is the provider's own."""

    spelling: str
    name: str
    exchange: str
    asset_type: str
    listed: date | None
    delisted: date | None
    active: bool

    @property
    def symbol(self) -> str | None:
        """Return the canonical symbol; None for what is no symbol here, such as units and warrants."""
        return canonical(self.spelling)


@dataclass(frozen=True, slots=True)
class SymbolMatch:
    """What a search found; `score` is 1 for the very word, less for what merely resembles it."""

    spelling: str
    name: str
    asset_type: str
    region: str
    currency: str
    score: float

    @property
    def symbol(self) -> str | None:
        """Return the canonical symbol; None for what is no US symbol."""
        return canonical(self.spelling) if self.region == "United States" else None


@dataclass(frozen=True, slots=True)
class VenueStatus:
    """A kind of market in one region; hours are local wall clock and include what follows the official close."""

    market_type: str
    region: str
    exchanges: tuple[str, ...]
    local_open: time
    local_close: time
    is_open: bool
    notes: str


def canonical(spelling: str) -> str | None:
    """Return the canonical symbol of a provider's spelling, or None where there is none."""
    try:
        return parse_symbol(spelling)
    except SymbolInvalid:
        return None


def in_reason(value: float, *, above: float, below: float) -> float:
    """Return a number that is one and lies between. Raises ValueError."""
    if not above < value < below:
        raise ValueError(f"{value} is not between {above} and {below}")
    return value


def split_of(effective: str, new: float, old: float) -> Split:
    """Return the split of `old` shares into `new` ones. Raises ValueError where it makes no sense."""
    return Split(date.fromisoformat(effective), in_reason(float(new) / float(old), above=0, below=10_000))


def day_of(session: date, bar: Mapping[str, float]) -> DailyBar:
    """Return a bar with the short names that vendors of JSON use: o, h, l, c, v. Raises ValueError, KeyError."""
    opening, high, low, close = (in_reason(float(bar[name]), above=0, below=1e9) for name in "ohlc")
    return DailyBar(session, opening, high, low, close, round(in_reason(float(bar["v"]), above=-1, below=2.0**53)))
