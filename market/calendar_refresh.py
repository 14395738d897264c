"""Write `xnys_exceptions.csv` again from exchange_calendars: `python -m market.calendar_refresh`."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta

import exchange_calendars

from market.calendar import CALENDAR, EXCEPTIONS_FILE, FIRST_DATE, LAST_DATE, NEW_YORK


def exceptions() -> Iterator[tuple[date, str]]:
    """Yield (date, close) for each weekday that departs from the rule; an empty close means no trading."""
    calendar = exchange_calendars.get_calendar(CALENDAR, start=str(FIRST_DATE), end=str(LAST_DATE))
    closes = {
        session.date(): close.tz_convert(NEW_YORK).strftime("%H:%M") for session, close in calendar.closes.items()
    }
    on = FIRST_DATE
    while on <= LAST_DATE:
        close = closes.get(on, "")
        if on.weekday() < 5 and close != "16:00":
            yield on, close
        on += timedelta(days=1)


def main() -> None:
    with EXCEPTIONS_FILE.open("w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["date", "close"])
        writer.writerows(exceptions())


if __name__ == "__main__":
    main()
