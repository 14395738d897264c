"""The form of an entry in the registry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure and the columns that hold it, which differ in a number only (a span, a sampling interval).

    `fewest` says what it needs before it is not null, `source` the definition it follows or agrees with.
    """

    table: str
    columns: tuple[str, ...]
    name: str
    unit: str
    formula: str
    convention: str
    source: str
    fewest: str
    sentence: str
