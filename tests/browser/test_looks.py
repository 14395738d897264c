"""Every page in light and dark, on a desk and on a phone: nothing for axe to find, nothing that sticks out."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    AveragesPage,
    ChartPage,
    ComparePage,
    CorrectionsPage,
    DailyPage,
    DataPage,
    HourlyPage,
    PairPage,
    QualityPage,
    SignInPage,
    SitePage,
    StatisticsPage,
)
from tests.conftest import REPOSITORY

AXE = REPOSITORY / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
LOOKS: dict[str, dict[str, Any]] = {
    "light": DESK | {"color_scheme": "light"},
    "dark": DESK | {"color_scheme": "dark"},
    "phone": PHONE | {"color_scheme": "light"},
    "phone-dark": PHONE | {"color_scheme": "dark"},
}
PAGES = [
    ComparePage,
    StatisticsPage,
    PairPage,
    DailyPage,
    HourlyPage,
    AveragesPage,
    DataPage,
    QualityPage,
    CorrectionsPage,
]


def axe_violations(page: Page) -> list[str]:
    """Run axe-core in the page, under the page's own security policy."""
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{violation['id']}: {violation['help']} – {'; '.join(node['html'][:160] for node in violation['nodes'][:3])}"
        for violation in result["violations"]
    ]


def sideways_overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    overflow: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return overflow


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("model", PAGES)
def test_a_page_is_accessible_and_fits(signed_in: Callable[..., Page], model: type[SitePage], look: str) -> None:
    page = signed_in(**LOOKS[look])
    shown = model(page).open()
    if isinstance(shown, ChartPage):
        expect(shown.chart.first).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert axe_violations(page) == []
    assert sideways_overflow(page) <= 0


@pytest.mark.parametrize("look", LOOKS)
def test_the_sign_in_page_is_accessible_and_fits(open_page: Callable[..., Page], look: str) -> None:
    page = open_page(**LOOKS[look])
    SignInPage(page).open()

    assert axe_violations(page) == []
    assert sideways_overflow(page) <= 0


def test_a_page_follows_the_system_into_dark(signed_in: Callable[..., Page]) -> None:
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    page = signed_in(color_scheme="light")
    ComparePage(page).open()
    light = page.evaluate(background)

    page.emulate_media(color_scheme="dark")

    assert page.evaluate(background) != light
