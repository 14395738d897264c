"""Calendar months of New York sessions, the unit in which bars are fetched, stored and processed."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class MonthInvalid(ValueError):
    """The text cannot be a month."""


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; `str()` gives `YYYY-MM`, which sorts as time does."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM`. Raises MonthInvalid."""
        match = _MONTH.fullmatch(text)
        if not match:
            raise MonthInvalid(f"{text[:20]!r} is not a month; write it like 2026-10.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, on: date) -> Self:
        return cls(on.year, on.month)

    @property
    def first_date(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_date(self) -> date:
        return self.next().first_date - timedelta(days=1)

    def next(self) -> Self:
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    def previous(self) -> Self:
        return type(self).of(self.first_date - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def months_between(first: Month, last: Month) -> list[Month]:
    """Return the months from `first` to `last`, both included, ascending; empty when `first` is later."""
    months = []
    while first <= last:
        months.append(first)
        first = first.next()
    return months
