"""The schedules of django-q2. Those of prices tick every minute; stockcompare.due asks the exchange calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    func: str
    minutes: int = 1
    at_once: bool = True


SCHEDULES = (
    Wanted("Fetch prices after the close", "stockcompare.tasks.fetch_when_due"),
    Wanted("Fetch what is planned", "stockcompare.tasks.backfill_when_due"),
    Wanted("Process prices after a change", "stockcompare.tasks.process_when_due"),
    Wanted("Delete expired sign-ins", "stockcompare.tasks.sweep_accounts", minutes=60),
    Wanted("Tidy up", "stockcompare.tasks.tidy", minutes=24 * 60, at_once=False),
)

# A tick that finds nothing due leaves no result row; the run records hold what was done.
_OPTIONS = {"q_options": {"save": False}}


def ensure_schedules(*, now: datetime) -> list[str]:
    """Create what is missing, mend what points elsewhere; return the names of the created. Safe to repeat."""
    return [wanted.name for wanted in SCHEDULES if _ensure(wanted, now=now)]


def _ensure(wanted: Wanted, *, now: datetime) -> bool:
    definition = {"schedule_type": Schedule.MINUTES, "minutes": wanted.minutes, "repeats": -1, "kwargs": str(_OPTIONS)}
    first = now if wanted.at_once else now + timedelta(minutes=wanted.minutes)
    _, created = Schedule.objects.update_or_create(
        func=wanted.func,
        defaults={"name": wanted.name, **definition},
        create_defaults={"name": wanted.name, "next_run": first, **definition},
    )
    return bool(created)
