"""Labels by company: what a file's own stamps do not tell, other files of its folder, form and months do.

Vendors have changed the label over the years, so files of other months tell nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from market.months import Month
from market.providers.files.scanned import Scanned, Source
from market.providers.labels import FoundLabel, Label, Sign

_STATE = "state it with --label start or --label end"
# Folder, form and month.
_Company = tuple[Path, str, Month]


def pooled_labels(scanned: Scanned) -> list[FoundLabel | str]:
    """Return the label of each source, or the reason why it has none that can be taken."""
    months = scanned.months_of_sources()
    told: dict[_Company, dict[int, FoundLabel]] = defaultdict(dict)
    for number, source in enumerate(scanned.sources):
        label = source.conventions.label
        if label and label.sign > Sign.NONE:
            for company in _companies(source, months[number]):
                told[company][number] = label
    return [_settled(number, source, months[number], told) for number, source in enumerate(scanned.sources)]


def _settled(
    number: int, source: Source, months: frozenset[Month], told: dict[_Company, dict[int, FoundLabel]]
) -> FoundLabel | str:
    if source.conventions.refusal:
        return source.conventions.refusal
    others: dict[int, FoundLabel] = {}
    for company in _companies(source, months):
        others |= told.get(company, {})
    others.pop(number, None)
    return settle_label(source.conventions.label, [*others.values()])


def _companies(source: Source, months: frozenset[Month]) -> Iterator[_Company]:
    return ((source.path.parent, source.layout, month) for month in months)


def settle_label(own: FoundLabel | None, others: Sequence[FoundLabel]) -> FoundLabel | str:
    """Return the label of a file, or why it cannot be taken: a label yields to those that stamps tell more of."""
    counts = Counter(other.label for other in others if other.sign > (own.sign if own else Sign.NONE))
    if not counts:
        return own or f"nothing tells whether its stamps name the start or the end of their minute; {_STATE}"
    if len(counts) == 1 and own is None:
        return FoundLabel(next(iter(counts)), _in_words(counts), Sign.NONE)
    if own and set(counts) == {own.label}:
        return own
    mine = f"its label is {own}" if own else "nothing in it tells its label"
    return f"{mine}, but {_in_words(counts)}; {_STATE}"


def _in_words(counts: Counter[Label]) -> str:
    each = " and ".join(f"{count} say {label}" for label, count in sorted(counts.items()))
    return f"of the other files of its folder, form and months {each}"
