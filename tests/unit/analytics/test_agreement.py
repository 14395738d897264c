"""docs/agreement.md says what the command finds, and no measure is further off than it may be."""

import re

import pytest
from compare_measures import MOST, PAGE, Agreement, agreements, page


@pytest.fixture(scope="module")
def found() -> list[Agreement]:
    return agreements()


def test_every_measure_agrees_with_its_reference(found: list[Agreement]) -> None:
    assert [one for one in found if not one.difference <= MOST] == []
    assert len(found) > 40


def test_the_page_of_agreement_is_current_but_for_the_last_digits(found: list[Agreement]) -> None:
    # How numpy adds up depends on the processor, so differences that small do, too.
    def without_differences(text: str) -> str:
        return re.sub(r"\| (equal|< 1e-\d+) \|$", "|", text, flags=re.MULTILINE)

    current = without_differences(page(found))
    assert without_differences(PAGE.read_text()) == current, (
        "run `python tools/compare_measures.py` and commit the page"
    )
