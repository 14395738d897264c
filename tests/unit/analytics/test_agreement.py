"""docs/agreement.md says what the command finds, and no measure is further off than it may be."""

import re

import pytest
from agreeing import Agreement
from compare_measures import MOST, NO_REFERENCE, PAGE, agreements, page

from analytics.measures import MEASURES


@pytest.fixture(scope="module")
def found() -> list[Agreement]:
    return agreements()


def test_every_measure_agrees_with_its_reference(found: list[Agreement]) -> None:
    assert [one for one in found if not one.difference <= MOST] == []


def test_every_measure_of_the_registry_is_compared_or_says_why_not(found: list[Agreement]) -> None:
    registered = {f"{measure.table}.{column}" for measure in MEASURES for column in measure.columns}
    compared = {one.measure for one in found}

    assert registered - compared == NO_REFERENCE.keys()
    assert compared <= registered
    assert all(NO_REFERENCE.values())


def test_the_page_of_agreement_is_current_but_for_the_last_digits(found: list[Agreement]) -> None:
    # How numpy adds up depends on the processor, so differences that small do, too.
    def without_differences(text: str) -> str:
        return re.sub(r"\| (equal|< 1e-\d+) \|$", "|", text, flags=re.MULTILINE)

    current = without_differences(page(found))
    assert without_differences(PAGE.read_text()) == current, (
        "run `python tools/compare_measures.py` and commit the page"
    )
