"""When a session's bars are the provider's last word."""

from datetime import date, datetime

import pytest

from market.calendar import NEW_YORK
from market.finality import Standing, final_from, standing_of


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("session", "instant"),
    [
        ("2026-11-16", "2026-11-19 20:00"),
        # Over Thanksgiving: the 25th, the half day on the 27th, the 30th.
        ("2026-11-24", "2026-11-30 20:00"),
        ("2026-11-23", "2026-11-27 17:00"),
    ],
)
def test_a_session_is_final_after_three_more(session: str, instant: str) -> None:
    assert final_from(date.fromisoformat(session)) == new_york(instant)


@pytest.mark.parametrize(
    ("fetched_at", "standing"),
    [
        ("2026-11-19 20:00", Standing.FINAL),
        ("2026-11-19 19:59", Standing.PROVISIONAL),
        (None, Standing.MISSING),
    ],
)
def test_a_session_is_final_provisional_or_missing(fetched_at: str | None, standing: Standing) -> None:
    assert standing_of(date(2026, 11, 16), new_york(fetched_at) if fetched_at else None) == standing
