"""The checks of a month of one symbol. Pure: bars and what is known about them in, findings out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np

from market.bars.flags import Flag
from market.calendar import Phase, previous_session, sessions_in_range
from market.quality.limits import Limits
from market.quality.sessions import SessionBars
from market.quality.shift import find_shift

# How unlikely a gap must be, judged by how often the session lacks a minute elsewhere, to be more than thin trading.
_CHANCE_OF_GAP = 1e-6
# In a bar at the close with less of the day's volume than this there is no closing auction.
_AUCTION_SHARE = 0.02
# Some daily figures count regular trading only, and extended trading can be a seventh of that.
_EXTENDED_SHARE = 0.25
_SPLIT_RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50)


class Kind(StrEnum):
    """What may be wrong with a session."""

    MISSING_SESSION = "missing_session"
    MISSING_MINUTES = "missing_minutes"
    GAP = "gap"
    BAD_PRINTS = "bad_prints"
    SUSPECT_PRINTS = "suspect_prints"
    OHLC_REPAIRED = "ohlc_repaired"
    DUPLICATES = "duplicates"
    OUTSIDE_HOURS = "outside_hours"
    SHIFTED = "shifted"
    JUMP = "jump"
    VOLUME = "volume"
    RANGE = "range"
    ADJUSTED_BASIS = "adjusted_basis"
    MIXED_BASIS = "mixed_basis"
    FIRST_SESSION = "first_session"
    LAST_SESSION = "last_session"


# Facts worth knowing; all other kinds ask for a look.
NOTICES = frozenset({Kind.OHLC_REPAIRED, Kind.DUPLICATES, Kind.FIRST_SESSION, Kind.LAST_SESSION, Kind.BAD_PRINTS})


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about one session; `measured` and `limit` are what was compared, `detail` is a sentence."""

    session: date
    kind: Kind
    measured: float
    limit: float
    detail: str

    @property
    def severity(self) -> str:
        return "notice" if self.kind in NOTICES else "alarm"


@dataclass(frozen=True, slots=True)
class DailyFigure:
    """What a provider says of the session as a whole, as traded."""

    high: float
    low: float
    close: float
    volume: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the bars. `splits` are new shares for one old, by the session they take effect.

    `before` are the bars of the last session before the month, when it is in the lake. `complete` is false for a
    month that may still grow, whose end is no end.
    """

    before: SessionBars | None = None
    after: bool = True
    complete: bool = True
    daily: Mapping[date, DailyFigure] = field(default_factory=dict)
    splits: Mapping[date, float] = field(default_factory=dict)


def check_month(sessions: Sequence[SessionBars], known: Known, limits: Limits) -> list[Finding]:
    """Return the findings of a month in order of session and kind."""
    usual = float(np.median([session.completeness for session in sessions])) if sessions else 0.0
    findings = [*_missing_sessions(sessions, known), *_ends(sessions, known), *_bases(sessions, known)]
    previous = known.before
    for session in sessions:
        findings += _minutes(session, usual, limits)
        findings += _flags(session)
        findings += _shift(session)
        findings += _jump(session, previous, known, limits)
        if daily := known.daily.get(session.session):
            findings += _against_daily(session, daily, limits)
        previous = session
    return sorted(findings, key=lambda finding: (finding.session, finding.kind))


def _missing_sessions(sessions: Sequence[SessionBars], known: Known) -> Iterator[Finding]:
    """Sessions without a bar between the first and the last that have some."""
    have = [known.before.session] if known.before else []
    have += [session.session for session in sessions]
    if not have:
        return
    month = sessions[0].session.replace(day=1) if sessions else have[0]
    for session in sessions_in_range(max(have[0], month), have[-1]):
        if session not in have:
            yield Finding(session, Kind.MISSING_SESSION, 0, 1, "No bar of this session, though there are later ones.")


def _ends(sessions: Sequence[SessionBars], known: Known) -> Iterator[Finding]:
    if not sessions:
        return
    first, last = sessions[0].session, sessions[-1].session
    if known.before is None:
        yield Finding(first, Kind.FIRST_SESSION, 0, 0, "The first session of this symbol in the lake.")
    if known.complete and not known.after:
        yield Finding(last, Kind.LAST_SESSION, 0, 0, "The last session of this symbol in the lake.")


def _bases(sessions: Sequence[SessionBars], known: Known) -> Iterator[Finding]:
    previous = known.before
    for session in sessions:
        adjusted = session.count(Flag.ADJUSTED_BASIS) > 0
        if adjusted:
            detail = "The prices are not in cents: they were adjusted, where prices as traded are expected."
            yield Finding(session.session, Kind.ADJUSTED_BASIS, 1, 0, detail)
        if previous is not None and adjusted != (previous.count(Flag.ADJUSTED_BASIS) > 0):
            detail = f"Prices as traded and adjusted ones meet here: {previous.session} is on the other basis."
            yield Finding(session.session, Kind.MIXED_BASIS, 1, 0, detail)
        previous = session


def _minutes(session: SessionBars, usual: float, limits: Limits) -> Iterator[Finding]:
    present, expected = int(session.in_hours.sum()), session.expected
    gap = session.longest_gap
    if gap >= limits.gap_minutes and _is_unlikely(gap, present, expected):
        detail = f"{gap} regular minutes in a row have no bar."
        yield Finding(session.session, Kind.GAP, gap, limits.gap_minutes, detail)
    if session.completeness < limits.completeness <= usual and _is_unusual(expected - present, expected, usual):
        detail = f"{present} of {expected} regular minutes have a bar; the month's usual session has {usual:.1%}."
        yield Finding(session.session, Kind.MISSING_MINUTES, session.completeness, limits.completeness, detail)


def _is_unlikely(gap: int, present: int, expected: int) -> bool:
    elsewhere = max(expected - gap, 1)
    rate = 1 - present / elsewhere
    return rate <= 0 or gap * math.log(rate) < math.log(_CHANCE_OF_GAP)


def _is_unusual(missing: int, expected: int, usual: float) -> bool:
    """Tell whether four standard deviations lie between what is missing and what usually is."""
    mean = expected * (1 - usual)
    return missing > mean + 4 * math.sqrt(mean) + 1


_FLAGGED: tuple[tuple[Kind, Flag, str], ...] = (
    (Kind.BAD_PRINTS, Flag.BAD_PRINT, "far off the market before and after, and left out"),
    (Kind.SUSPECT_PRINTS, Flag.SUSPECT_PRINT, "in regular hours off the market before and after, and used"),
    (Kind.OHLC_REPAIRED, Flag.OHLC_REPAIRED, "with high or low within a tick of open or close, and widened"),
    (Kind.DUPLICATES, Flag.DUPLICATE, "more than once in the reply, with equal values"),
    (Kind.OUTSIDE_HOURS, Flag.OUTSIDE_HOURS, "outside extended hours, and left out"),
)


def _flags(session: SessionBars) -> Iterator[Finding]:
    for kind, flag, what in _FLAGGED:
        if count := session.count(flag):
            yield Finding(session.session, kind, count, 0, f"{count} bar{'s' if count > 1 else ''} {what}.")


def _shift(session: SessionBars) -> Iterator[Finding]:
    if found := find_shift(session):
        minutes, margin, limit = found
        by = f"{abs(minutes)} minute{'s' if abs(minutes) > 1 else ''} {'late' if minutes > 0 else 'early'}"
        yield Finding(session.session, Kind.SHIFTED, margin, limit, f"Its volume looks like that of bars {by}.")


def _jump(session: SessionBars, previous: SessionBars | None, known: Known, limits: Limits) -> Iterator[Finding]:
    if previous is None or previous_session(session.session) != previous.session:
        return
    if not session.regular.any() or not previous.regular.any():
        return
    ratio = float(session.open[session.regular][0] / previous.close[previous.regular][-1])
    move = ratio * known.splits.get(session.session, 1.0) - 1
    if abs(move) <= limits.jump:
        return
    detail = f"It opens {move:+.1%} off the close before, and no split is on file."
    if split := next((n for n in _SPLIT_RATIOS if abs(ratio * n - 1) < 0.05 or abs(ratio / n - 1) < 0.05), None):
        detail += f" A split {f'{split}:1' if ratio < 1 else f'1:{split}'} would explain it."
    yield Finding(session.session, Kind.JUMP, move, limits.jump, detail)


def _against_daily(session: SessionBars, daily: DailyFigure, limits: Limits) -> Iterator[Finding]:
    yield from _volume(session, daily, limits)
    used = session.regular
    if not used.any():
        return
    for name, mine, theirs in (
        ("high", session.high[used].max(), daily.high),
        ("low", session.low[used].min(), daily.low),
    ):
        departure = float(mine / theirs - 1)
        if abs(departure) > limits.range_tolerance:
            detail = f"The {name} of its regular minutes is {mine:g}, and the daily figure says {theirs:g}."
            yield Finding(session.session, Kind.RANGE, departure, limits.range_tolerance, detail)


def _volume(session: SessionBars, daily: DailyFigure, limits: Limits) -> Iterator[Finding]:
    """Compare with the daily figure: vendors print the closing auction twice in the bar at the close, or not at all."""
    if not daily.volume or session.expected < 1:
        return
    total, regular = int(session.volume.sum()), int(session.volume[session.in_hours].sum())
    auction = int(session.volume[session.phase == Phase.AUCTION].sum())
    shares = [(total - auction / 2) / daily.volume, total / daily.volume, regular / daily.volume]
    if any(abs(share - 1) <= limits.volume_tolerance for share in shares):
        return
    share = shares[0]
    has_auction = auction >= _AUCTION_SHARE * daily.volume
    if not has_auction and limits.volume_floor <= share <= 1 + _EXTENDED_SHARE:
        return
    what = "with half of the bar at the close" if has_auction else "and no closing auction is in them"
    detail = f"Its minutes hold {share:.1%} of the daily volume, {what}."
    limit = limits.volume_tolerance if has_auction else 1 - limits.volume_floor
    yield Finding(session.session, Kind.VOLUME, share, limit, detail)
