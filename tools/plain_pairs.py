"""Two symbols side by side in plain Python; see plain_measures."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist, correlation

from plain_measures import Bar, Row, mean, regular

Pairs = Sequence[tuple[Bar, Bar]]


def matched(a: Sequence[Bar], b: Sequence[Bar]) -> list[tuple[Bar, Bar]]:
    """Return the regular bars that both have, side by side."""
    others = {bar["bar_start"]: bar for bar in regular(b)}
    return [(bar, others[bar["bar_start"]]) for bar in regular(a) if bar["bar_start"] in others]


def neighbours(pairs: Pairs, every: int) -> list[tuple[float, float]]:
    """Return log returns between the last matched closes of intervals that follow each other in a session."""
    last = {(a["session"], a["minute"] // every): (a["close"], b["close"]) for a, b in pairs}
    return [
        (math.log(new[0] / old[0]), math.log(new[1] / old[1]))
        for (before, old), (now, new) in pairwise(last.items())
        if before[0] == now[0] and before[1] + 1 == now[1]
    ]


def session_pair(pairs: Pairs, counts: tuple[int, int]) -> Row:
    """Compare one session; `counts` are the regular bars of each symbol."""
    closes = [[bar["close"] for bar in side] for side in zip(*pairs, strict=True)]
    gained = [side[-1]["close"] / side[0]["open"] - 1 for side in zip(*pairs, strict=True)]
    moved = {every: neighbours(pairs, every) for every in (1, 5)}
    count = len(moved[1])
    return {
        "matched_minutes": len(pairs),
        "unmatched_minutes_a": counts[0] - len(pairs),
        "unmatched_minutes_b": counts[1] - len(pairs),
        "ratio_mean": mean([a / b for a, b in zip(*closes, strict=True)]),
        "ratio_last": closes[0][-1] / closes[1][-1],
        "price_correlation": correlation(*closes),
        **{
            f"covariance_{every}min": math.fsum(a * b for a, b in moved[every]) if moved[every] else None
            for every in (1, 5)
        },
        "lead_lag_band": NormalDist().inv_cdf(0.975) / math.sqrt(count) if count > 10 else None,
        "return_a": gained[0],
        "return_b": gained[1],
        "excess_return": gained[0] - gained[1],
        "hit_rate": sum(a > b for a, b in moved[1]) / count if count else None,
    }
