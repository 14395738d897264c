"""Across a split: prices on one footing, the split marked and said, and the choice kept in the address."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import ChartPage
from tests.browser.test_looks import DESK, PHONE, axe_violations, sideways_overflow

# GOOGL's split, one share for three, takes effect on 25 September 2026.
SPLIT = "GOOGL 1 for 3"
HALF_A_SPLIT = 100.0  # percent: no month of this market moves so far, and the split as traded moves 200


class AcrossTheSplit(ChartPage):
    path = "/compare/GOOGL/AAPL/?from=2026-09-01&to=2026-09-30"

    def choose_prices(self, label: str) -> None:
        self.page.locator("summary", has_text=re.compile("Prices:")).click()
        self.page.get_by_role("group", name="Prices").get_by_role("button", name=label).click()

    @property
    def change(self) -> float:
        """GOOGL's change in percent, as its chip says it."""
        text = self.page.get_by_role("button", name="GOOGL").first.inner_text()
        found = re.search(r"([+−]?)([\d.]+)\s%", text.replace("\u202f", ""))
        assert found, text
        return float(found[2]) * (-1 if found[1] == "−" else 1)

    @property
    def facts(self) -> str:
        return self.page.get_by_role("list", name="Source").inner_text()


def test_a_split_is_no_jump_unless_it_is_asked_for(signed_in: Callable[..., Page]) -> None:
    page = signed_in(**DESK)
    shown = AcrossTheSplit(page).open()

    shown.expect_chart(re.compile(f"{SPLIT} split on 25 Sep 2026"))
    assert abs(shown.change) < HALF_A_SPLIT
    assert f"Adjusted for splits: {SPLIT} on 25 Sep 2026" in shown.facts

    shown.choose_prices("As traded")
    expect(page).to_have_url(re.compile("adjustment=raw"))
    expect(page.get_by_text(f"Prices as traded, not adjusted for {SPLIT} on 25 Sep 2026")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"GOOGL \+[12]\d\d\.\d\d"))).to_be_visible()

    page.reload()
    shown.expect_chart(re.compile("GOOGL"))
    assert shown.change > HALF_A_SPLIT
    page.go_back()
    expect(page).not_to_have_url(re.compile("adjustment"))


def test_the_keyboard_reads_the_split_in_its_session(signed_in: Callable[..., Page]) -> None:
    page = signed_in(**DESK)
    page.goto("/daily/GOOGL/?from=2026-09-22&to=2026-09-28")
    chart = page.get_by_role("figure").get_by_role("img").first
    readout = page.get_by_role("status").filter(has_text=re.compile("mean"))

    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")

    expect(readout).to_contain_text(f"{SPLIT} split")
    page.keyboard.press("ArrowLeft")
    expect(readout).not_to_contain_text("split")


def test_a_range_without_a_split_says_so(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto("/averages/AAPL/")

    expect(page.get_by_text("Nothing to adjust: no splits in this range")).to_be_visible()


def test_the_menu_of_prices_is_accessible_and_fits_a_phone(signed_in: Callable[..., Page]) -> None:
    page = signed_in(**PHONE, color_scheme="dark")
    shown = AcrossTheSplit(page).open()
    shown.expect_chart(re.compile("GOOGL"))

    page.locator("summary", has_text=re.compile("Prices:")).tap()
    for button in page.get_by_role("group", name="Prices").get_by_role("button").all():
        expect(button).to_be_in_viewport(ratio=1)

    assert axe_violations(page) == []
    assert sideways_overflow(page) <= 0
