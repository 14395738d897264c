"""`manage.py market_status`."""

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from market.budget.gates import ledger_gates
from market.budget.ledger import Clock
from market.calendar import NEW_YORK, MarketState, is_session, market_status
from market.ingest.facts import learn
from market.ingest.pacing import Sleep
from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.providers.alpha_vantage import questions
from market.providers.base import ProviderError
from market.providers.facts import VenueStatus
from market.providers.registry import ProviderUnconfigured, get_provider

BAD_ARGUMENTS, FAILED, DIFFERS = 2, 1, 3


class Command(BaseCommand):
    help = (
        "Ask Alpha Vantage (one request) whether the US market is open, and compare the exchange calendar. During "
        "regular hours this tells a closure that nobody foresaw, and how to state it. "
        "Exit codes: 0 they agree, 1 failed, 2 not configured, 3 they differ."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances
    sleep: Sleep = staticmethod(time.sleep)
    clock: Clock = staticmethod(timezone.now)

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        now = self.clock()
        venue = self._ask()
        if said := difference(venue, now):
            raise CommandError(said, returncode=DIFFERS)
        word = "open" if venue.is_open else "closed"
        self.stdout.write(
            f"The US market is {word}, as the calendar says at {now.astimezone(NEW_YORK):%Y-%m-%d %H:%M}."
        )

    def _ask(self) -> VenueStatus:
        from market.providers.alpha_vantage.provider import AlphaVantage

        try:
            provider = get_provider("alpha_vantage", ledger_gates(self.clock, self.sleep))
            assert isinstance(provider, AlphaVantage)  # noqa: S101  # the registry makes no other of that name
            question, lake = questions.market_status(), configured_lake()
            venues = learn(question, lake, provider, self.clock(), sleep=self.sleep, note=self.stdout.write)
        except ProviderUnconfigured as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except (LakeUnreachable, ProviderError) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        for venue in venues:
            if venue.region == "United States" and venue.market_type == "Equity":
                return venue
        raise CommandError("Alpha Vantage's answer names no US market; run again.", returncode=FAILED)


def difference(venue: VenueStatus, now: datetime) -> str:
    """Say how the vendor's word and the calendar differ, and what to do; nothing when they agree."""
    expected, today = market_status(now), now.astimezone(NEW_YORK).date()
    notes = f" ({venue.notes.strip()})" if venue.notes.strip() else ""
    if expected.state is MarketState.REGULAR and not venue.is_open:
        return (
            f"{today} is a session by the calendar, and Alpha Vantage says that the US market is closed{notes}. If the "
            f"exchange says so, too, state it and start again: MARKET_CLOSURES={today} for no trading that day, "
            f"MARKET_CLOSURES={today}=HH:MM for an early close."
        )
    if venue.is_open and not is_session(today):
        return (
            f"Alpha Vantage says that the US market is open{notes}, and {today} is no session by the calendar; take a "
            "newer version, or take the day out of MARKET_CLOSURES."
        )
    return ""
