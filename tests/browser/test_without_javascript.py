"""Every page says what it knows without a script: sentence, caption and table."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import AveragesPage, ChartPage, ComparePage, DailyPage, DataPage, HourlyPage


@pytest.mark.parametrize("model", [ComparePage, DailyPage, HourlyPage, AveragesPage])
def test_a_chart_page_has_its_table_and_caption(signed_in: Callable[..., Page], model: type[ChartPage]) -> None:
    page = signed_in(java_script_enabled=False)

    chart_page = model(page).open()

    expect(chart_page.heading).to_contain_text("AAPL")
    expect(chart_page.caption).to_contain_text("AAPL")
    expect(chart_page.synthetic_tags.first).to_be_visible()
    assert chart_page.rows.count() > 5


def test_the_data_page_has_its_table(signed_in: Callable[..., Page]) -> None:
    page = signed_in(java_script_enabled=False)

    DataPage(page).open()

    expect(page.get_by_role("rowheader", name="AAPL").first).to_be_visible()


def test_symbols_and_range_can_be_chosen_with_the_form(signed_in: Callable[..., Page]) -> None:
    page = signed_in(java_script_enabled=False)
    compare = ComparePage(page).open()

    page.get_by_label("Symbols").fill("MSFT, AAPL")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(compare.heading).to_have_text("MSFT against AAPL")
