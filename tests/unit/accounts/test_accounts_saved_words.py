"""A saved comparison knows the words of the compare page, which accounts may not import."""

from accounts import saved
from analytics.pages import choices
from analytics.queries import ranges
from analytics.queries.timeframes import Timeframe


def test_the_words_of_a_saved_comparison_are_those_of_the_page() -> None:
    assert saved.RANGES == ranges.NAMES
    assert saved.MODES == choices.MODES
    assert tuple(choices.ADJUSTMENTS) == saved.ADJUSTMENTS
    assert saved.COMPARED_SYMBOLS == choices.MAX_SYMBOLS
    assert ("auto", *Timeframe) == saved.TIMEFRAMES
