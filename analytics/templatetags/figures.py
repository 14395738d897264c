"""Template filters that write numbers, dates and times in the words of the product."""

from datetime import date, datetime
from typing import Any

from django import template

from analytics.queries import figures

register = template.Library()


@register.filter
def percent(fraction: float | None, decimals: int = 2) -> str:
    return figures.MISSING if fraction is None else figures.percent(fraction, decimals)


@register.filter
def price(value: float | None, decimals: int = 2) -> str:
    return figures.MISSING if value is None else figures.price(value, decimals)


@register.filter
def thousands(count: int | None) -> str:
    return figures.MISSING if count is None else figures.thousands(count)


@register.filter
def points(difference: float, decimals: int = 2) -> str:
    return figures.points(difference, decimals)


@register.filter
def rate(fraction: float) -> str:
    return figures.rate(fraction)


@register.filter
def arrow(fraction: float) -> str:
    return figures.arrow(fraction)


@register.filter
def direction(fraction: float) -> str:
    return figures.direction(fraction)


@register.filter
def day(value: Any) -> str:
    """Write a date, or a date as the API writes it."""
    return figures.day(value if isinstance(value, date) else date.fromisoformat(value))


@register.filter
def clock(value: Any) -> str:
    """Write an instant as New York wall time; takes one as the API writes it, too."""
    if value is None:
        return figures.MISSING
    return figures.clock(value if isinstance(value, datetime) else datetime.fromisoformat(value))
