"""The measures once more, in plain Python written from the formulas of docs/metrics.md: no numpy, no Spark, no window.

They import nothing of StockCompare. Sums are rounded once (fsum); where digits would cancel, prices count as whole
units of their last decimal, exactly. A bar is a dict with `session`, `minute` (since the open), `hour` (an instant),
`phase`, `quarantined`, `repaired`, prices and `volume`; bars of one symbol come in order of time. None stands for null.
"""

import math
import statistics
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate, pairwise
from typing import Any

Bar = dict[str, Any]
Row = dict[str, Any]
PRICES = ("open", "high", "low", "close")
UNITS = 10_000


def regular(bars: Iterable[Bar]) -> list[Bar]:
    return [bar for bar in bars if bar["phase"] == "regular" and not bar["quarantined"]]


def by(bars: Iterable[Bar], key: str) -> dict[Any, list[Bar]]:
    found: dict[Any, list[Bar]] = defaultdict(list)
    for bar in bars:
        found[bar[key]].append(bar)
    return found


def over(above: float, below: float) -> float | None:
    return above / below if below else None


def turnover(bars: Iterable[Bar]) -> float:
    return math.fsum(bar["close"] * bar["volume"] for bar in bars)


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def squares(values: Iterable[float]) -> float:
    return math.fsum(value * value for value in values)


def day_bar(bars: Sequence[Bar]) -> tuple[float, float, float, float]:
    highest, lowest = max(bar["high"] for bar in bars), min(bar["low"] for bar in bars)
    return bars[0]["open"], highest, lowest, bars[-1]["close"]


def aggregate(bars: Sequence[Bar]) -> Row:
    traded = sum(bar["volume"] for bar in bars)
    return {
        **dict(zip(PRICES, day_bar(bars), strict=True)),
        **{f"mean_{name}": mean([bar[name] for bar in bars]) for name in PRICES},
        "volume": traded,
        "vwap_close": over(turnover(bars), traded),
    }


def daily(bars: Sequence[Bar]) -> list[Row]:
    whole = {session: sum(bar["volume"] for bar in some) for session, some in by(bars, "session").items()}
    return [
        aggregate(some) | {"volume_all_phases": whole[session]}
        for session, some in by(regular(bars), "session").items()
    ]


def hourly(bars: Sequence[Bar]) -> list[Row]:
    return [aggregate(some) for some in by(regular(bars), "hour").values()]


def quality(bars: Sequence[Bar], length: Callable[[date], int]) -> list[Row]:
    """Count minutes; `length` tells how many a session has, all of which were over at the fetch."""
    rows = []
    for session, some in by(bars, "session").items():
        inside = [bar for bar in some if bar["phase"] == "regular"]
        rows.append(
            {
                "expected_minutes": length(session),
                "present_minutes": len(inside),
                "missing_minutes": length(session) - len(inside),
                "quarantined_minutes": sum(bar["quarantined"] for bar in inside),
                "repaired_minutes": sum(bar["repaired"] for bar in inside),
            }
        )
    return rows


def is_one_night(before: date, session: date) -> bool:
    return 0 < (session - before).days <= 7


def growth(new: float, old: float) -> float:
    """Return new / old − 1 without the digits that the quotient would lose."""
    return (round(new * UNITS) - round(old * UNITS)) / round(old * UNITS)


def returns(bars: Sequence[Bar]) -> list[Row]:
    rows: list[Row] = []
    last: Bar | None = None
    for some in by(regular(bars), "session").values():
        opened = some[0]["open"]
        night = last["close"] if last and is_one_night(last["session"], some[0]["session"]) else None
        for number, bar in enumerate(some):
            before = some[number - 1]["close"] if number else None
            rows.append(
                {
                    "simple_return": growth(bar["close"], before) if before else None,
                    "log_return": math.log(bar["close"] / before) if before else None,
                    "cumulative_return": growth(bar["close"], opened),
                    "overnight_return": growth(opened, night) if night and not number else None,
                }
            )
        last = some[-1]
    return rows


def volume_indicators(bars: Sequence[Bar]) -> list[Row]:
    """Return what begins anew at each open."""
    rows: list[Row] = []
    sessions = by(regular(bars), "session")
    so_far = [_cumulative(some) for some in sessions.values()]
    for number, some in enumerate(sessions.values()):
        before = so_far[max(number - 10, 0) : number]
        usual = [_usual(before, bar["minute"]) if number >= 10 else None for bar in some]
        for row, volume, traded in zip(_since_open(some), usual, so_far[number][1], strict=True):
            rows.append(row | {"relative_volume": over(traded, volume) if volume else None})
    return rows


def _cumulative(some: Sequence[Bar]) -> tuple[list[int], list[int]]:
    return [bar["minute"] for bar in some], list(accumulate(bar["volume"] for bar in some))


def _usual(before: Sequence[tuple[list[int], list[int]]], minute: int) -> float | None:
    """Return the mean volume by that minute, over the sessions that went on to it."""
    reached = [(minutes, volume) for minutes, volume in before if minutes[-1] >= minute]
    traded = sum(volume[at - 1] for minutes, volume in reached if (at := bisect(minutes, minute)))
    return over(traded, len(reached))


def _since_open(some: Sequence[Bar]) -> Iterator[Row]:
    traded = turned = squared = closes = balance = 0
    before = some[0]["close"]
    for number, bar in enumerate(some, 1):
        high, low, close = (round(bar[name] * UNITS) for name in ("high", "low", "close"))
        thrice = high + low + close
        traded, closes = traded + bar["volume"], closes + close
        turned, squared = turned + thrice * bar["volume"], squared + thrice * thrice * bar["volume"]
        balance += bar["volume"] * ((bar["close"] > before) - (bar["close"] < before))
        before = bar["close"]
        yield {
            "vwap_session": turned / (3 * UNITS * traded) if traded else None,
            "vwap_deviation": math.sqrt(squared * traded - turned**2) / (3 * UNITS * traded) if traded else None,
            "vwap_distance": (3 * close * traded - turned) / turned if traded else None,
            "obv_session": balance,
            "running_mean_session": closes / (number * UNITS),
        }


def seasonality(bars: Sequence[Bar]) -> list[Row]:
    """Return the minutes of one month, ascending."""
    volumes, moves = defaultdict(list), defaultdict(list)
    sessions = by(regular(bars), "session").values()
    for some in sessions:
        for bar in some:
            volumes[bar["minute"]].append(bar["volume"])
        for old, new in pairwise(some):
            moves[new["minute"]].append(abs(math.log(new["close"] / old["close"])))
    total = sum(map(sum, volumes.values()))
    so_far = [_cumulative(some) for some in sessions]
    return [
        {
            "mean_volume": over(sum(volumes[minute]), len(volumes[minute])),
            "volume_share": over(sum(volumes[minute]), total),
            "mean_cumulative_volume": _usual(so_far, minute),
            "mean_absolute_return": mean(moves[minute]),
        }
        for minute in sorted(volumes)
    ]


def log_returns(closes: Sequence[float]) -> list[float]:
    return [math.log(new / old) for old, new in pairwise(closes)]


def sampled(bars: Iterable[tuple[int, float]], every: int) -> list[float]:
    """Return the last close of each interval since the open that has one, from (minute, close)."""
    return list({minute // every: close for minute, close in bars}.values())


def parkinson(_: float, high: float, low: float, __: float) -> float:
    return math.log(high / low) ** 2 / (4 * math.log(2))


def garman_klass(opened: float, high: float, low: float, close: float) -> float:
    return math.log(high / low) ** 2 / 2 - (2 * math.log(2) - 1) * math.log(close / opened) ** 2


def rogers_satchell(opened: float, high: float, low: float, close: float) -> float:
    return math.log(high / close) * math.log(high / opened) + math.log(low / close) * math.log(low / opened)


RANGES = {"parkinson": parkinson, "garman_klass": garman_klass, "rogers_satchell": rogers_satchell}


def volatility(bars: Sequence[Bar]) -> list[Row]:
    rows: list[Row] = []
    before: Bar | None = None
    for session, some in by(regular(bars), "session").items():
        night = before["close"] if before and is_one_night(before["session"], session) else None
        rows.append(_realised(some) | _ranges(some) | _night(some, night))
        before = some[-1]
    for row in rows:
        variance, night = row["realised_variance_5min"], row["overnight_return"]
        whole = variance is not None and night is not None
        row["realised_variance_with_overnight"] = variance + night**2 if whole else None
    return rows


def _ranges(some: Sequence[Bar]) -> Row:
    return {name: formula(*day_bar(some)) for name, formula in RANGES.items()}


def _realised(some: Sequence[Bar]) -> Row:
    closes = [(bar["minute"], bar["close"]) for bar in some]
    moves = {every: log_returns(sampled(closes, every)) for every in (1, 5, 15, 30)}
    five, count = moves[5], len(moves[5])
    variance = squares(five) if five else None
    bipower = None
    if count > 1:
        bipower = math.pi / 2 * count / (count - 1) * math.fsum(abs(a * b) for a, b in pairwise(five))
    return {
        **{f"realised_variance_{every}min": squares(some) if some else None for every, some in moves.items()},
        "realised_volatility": math.sqrt(252 * variance) if variance is not None else None,
        "bipower_variation": bipower,
        "jump_share": max(1 - bipower / variance, 0) if variance and bipower is not None else None,
        "up_semivariance": squares(r for r in five if r > 0) if five else None,
        "down_semivariance": squares(r for r in five if r < 0) if five else None,
    }


def _night(some: Sequence[Bar], closed: float | None) -> Row:
    opened, high, low, close = day_bar(some)
    row: Row = dict.fromkeys(("overnight_return", "opening_gap", "gap_filled", "amihud_illiquidity"))
    if closed is not None:
        row = {
            "overnight_return": math.log(opened / closed),
            "opening_gap": growth(opened, closed),
            "gap_filled": low <= closed <= high,
            "amihud_illiquidity": over(abs(growth(close, closed)), turnover(some)),
        }
    return row | {"dollar_volume": turnover(some)}


def yang_zhang(days: Sequence[tuple[float, float, float, float]]) -> float:
    """Return the variance of a day (Yang and Zhang, 2000) over days that follow each other."""
    chosen = list(pairwise(days))
    count = len(chosen)
    weight = 0.34 / (1.34 + (count + 1) / (count - 1))
    nights = statistics.variance(math.log(new[0] / old[3]) for old, new in chosen)
    inside = statistics.variance(math.log(new[3] / new[0]) for _, new in chosen)
    drift_free = math.fsum(rogers_satchell(*new) for _, new in chosen) / count
    return nights + weight * inside + (1 - weight) * drift_free


def value_area(volume: Sequence[float], control: int) -> tuple[int, int]:
    """Grow from the fullest bin towards the fuller neighbour until 70 % of the volume is inside."""
    first, last = control, control
    while math.fsum(volume[first : last + 1]) < 0.7 * math.fsum(volume):
        below = volume[first - 1] if first else -1
        above = volume[last + 1] if last + 1 < len(volume) else -1
        first, last = (first, last + 1) if above >= below else (first - 1, last)
    return first, last


def profile(bars: Sequence[Bar], bins: int) -> tuple[list[float], int, float, float]:
    """Return the shares by bin of the typical price, and the fullest bin with the lowest price and the width."""
    prices = [(bar["high"] + bar["low"] + bar["close"]) / 3 for bar in bars]
    low, width = min(prices), (max(prices) - min(prices)) / bins
    counted: Counter[int] = Counter()
    for price, bar in zip(prices, bars, strict=True):
        counted[min(int((price - low) / width), bins - 1)] += bar["volume"]
    volume = [float(counted[number]) for number in range(bins)]
    return volume, volume.index(max(volume)), low, width
