"""What a measure means can be read with a mouse, with keys, by touch, and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DailyPage, StatisticsPage
from tests.browser.test_looks import DESK, PHONE, axe_violations, sideways_overflow

SENTENCE = "Return for the risk taken."


@pytest.mark.parametrize("has_script", [True, False])
def test_keys_open_and_close_an_explanation(signed_in: Callable[..., Page], has_script: bool) -> None:
    page = signed_in(**DESK, java_script_enabled=has_script)
    shown = StatisticsPage(page).open()
    explanation = shown.explanation(SENTENCE)
    expect(explanation).to_be_hidden()

    shown.measure("Sharpe ratio").focus()
    page.keyboard.press("Enter")
    expect(explanation).to_be_visible()
    if has_script:
        assert axe_violations(page) == []
    page.keyboard.press("Escape")

    expect(explanation).to_be_hidden()
    expect(shown.measure("Sharpe ratio")).to_be_focused()


def test_a_finger_opens_an_explanation_that_fits_the_phone(signed_in: Callable[..., Page]) -> None:
    page = signed_in(**PHONE)
    shown = StatisticsPage(page).open()
    explanation = shown.explanation(SENTENCE)

    shown.measure("Sharpe ratio").tap()
    expect(explanation).to_be_in_viewport(ratio=1)
    assert sideways_overflow(page) <= 0
    assert axe_violations(page) == []
    shown.heading.tap()

    expect(explanation).to_be_hidden()


def test_the_legend_of_a_chart_opens_what_its_table_explains(signed_in: Callable[..., Page]) -> None:
    page = signed_in(**DESK)
    DailyPage(page).open()

    page.get_by_role("list", name="Legend").get_by_role("button", name="VWAP").click()

    expect(page.get_by_role("note").filter(has_text="each minute weighed by its shares")).to_be_in_viewport(ratio=1)
