"""The two jobs' work, as the commands do it, for the scheduled tasks."""

from collections.abc import Sequence
from datetime import datetime

from market.months import Month
from stockcompare.jobs import Outcome


def fetch(months: Sequence[Month], *, now: datetime) -> Outcome:
    """Fetch the configured symbols' bars of these months, again where they are already there."""
    raise NotImplementedError


def process() -> Outcome:
    """Process what changed in the bars."""
    raise NotImplementedError
