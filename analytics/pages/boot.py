"""The data that a page hands its chart: what the API would answer, as long as it is small."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.urls import reverse

from analytics.api import answers
from analytics.pages.choices import Choice
from analytics.queries.sessions import session_table

BUDGET_BYTES = 20_000
SESSIONS_BYTES = 7_000
# Two symbols at 1,400 rows are about 14 kB.
BOOT_CELLS = 2_800


def boot_rows(symbols: Sequence[str]) -> int:
    """Return how many rows of a comparison of these symbols fit into the page."""
    return BOOT_CELLS // len(symbols)


def chart_boot(choice: Choice, *, may_export: bool = False, **data: Any) -> dict[str, Any]:
    """Return the boot data of a chart page. What does not fit is null, and the chart asks the API for it."""
    sessions = answers.session_rows(session_table().between(choice.first, choice.last))
    boot: dict[str, Any] = {
        "page": choice.page,
        "symbols": list(choice.symbols),
        "mode": choice.mode,
        "adjustment": choice.adjustment.value,
        "rate": choice.typed_rate,
        "may_export": may_export,
        "range": {"name": choice.range_name, "from": str(choice.first), "to": str(choice.last)},
        "ranges": [
            {"name": each.name, "from": str(each.first), "to": str(each.last), "available": each.available}
            for each in choice.ranges
        ],
        "api": reverse("api:symbols").removesuffix("symbols/"),
        "sessions": _fitting(sessions, SESSIONS_BYTES),
    }
    return boot | fitting(data, BUDGET_BYTES - len(orjson.dumps(boot)))


def fitting(data: dict[str, Any], budget: int) -> dict[str, Any]:
    """Return plain values, in the order given, null from where they pass the budget of bytes."""
    plain = {}
    for name, value in data.items():
        plain[name] = _fitting(value, budget)
        budget -= len(orjson.dumps(plain[name]))
    return plain


def _fitting(value: Any, budget: int) -> Any:
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return orjson.loads(text) if len(text) <= budget else None
