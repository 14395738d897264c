"""Numbers and dates in the words of the product: sign always shown on changes, U+2212 for minus, thin spaces."""

from datetime import date, datetime

from market.calendar import NEW_YORK

MINUS = "−"
# Narrow and without a line break: a number must not be torn at its thousands.
THIN_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MISSING = "–"


def thousands(count: int) -> str:
    """
    >>> thousands(15209) == "15\\u202f209"
    True
    """
    return f"{count:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def price(value: float, decimals: int = 2) -> str:
    """
    >>> price(1234.5) == "1\\u202f234.50"
    True
    """
    return f"{value:,.{decimals}f}".replace(",", THIN_SPACE).replace("-", MINUS)


def percent(fraction: float, decimals: int = 2) -> str:
    """Write a change; what rounds to zero has no sign.

    >>> percent(-0.0123, 1) == "−1.2\\u00a0%", percent(0.00001, 1) == "0.0\\u00a0%"
    (True, True)
    """
    digits = f"{abs(fraction) * 100:,.{decimals}f}".replace(",", THIN_SPACE)
    sign = "" if not digits.strip("0.") else "+" if fraction > 0 else MINUS
    return f"{sign}{digits}{NO_BREAK_SPACE}%"


def points(difference: float, decimals: int = 2) -> str:
    """Write the difference of two changes in percentage points, with its sign but no unit.

    >>> points(0.0325)
    '+3.25'
    """
    return percent(difference, decimals).removesuffix(f"{NO_BREAK_SPACE}%")


def share(fraction: float, decimals: int = 2) -> str:
    """Write a fraction that is no change, without the sign of one.

    >>> share(0.1825, 1) == "18.2\\u00a0%"
    True
    """
    return percent(fraction, decimals).removeprefix("+")


def rate(fraction: float) -> str:
    """Write a rate that somebody chose with the digits it was chosen with.

    >>> rate(0.045) == "4.5\\u00a0%", rate(-0.0075) == "−0.75\\u00a0%"
    (True, True)
    """
    return f"{fraction * 100:.12g}{NO_BREAK_SPACE}%".replace("-", MINUS)


def millions(amount: float) -> str:
    """
    >>> millions(8_420_400_000.0) == "8\\u202f420 m"
    True
    """
    return f"{thousands(round(amount / 1e6))} m"


def probability(value: float) -> str:
    """
    >>> probability(0.0312), probability(0.0002)
    ('0.031', 'under 0.001')
    """
    return "under 0.001" if value < 0.001 else price(value, 3)


def arrow(fraction: float) -> str:
    return "▲" if fraction > 0 else "▼" if fraction < 0 else ""


def direction(fraction: float) -> str:
    return "up" if fraction > 0 else "down" if fraction < 0 else "level"


def day(on: date, now: datetime | None = None) -> str:
    """Write a date; the year is left out when it is that of `now` in New York.

    >>> day(date(2026, 10, 1))
    '1 Oct 2026'
    """
    text = f"{on.day} {on:%b}"
    return text if now and on.year == now.astimezone(NEW_YORK).year else f"{text} {on.year}"


def clock(instant: datetime) -> str:
    """Write an aware instant as New York wall time, `Wed 4 Nov 2026, 10:22`."""
    local = instant.astimezone(NEW_YORK)
    return f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M}"
