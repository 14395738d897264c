"""The admin's own pages in light and dark, on a desk and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_looks import LOOKS, axe_violations, sideways_overflow

JOBS, IMPORT = "/admin/stockcompare/jobrun/", "/admin/stockcompare/jobrun/import/"
PLAN, SYMBOLS, USERS = "/admin/market/backfillcell/", "/admin/market/symbol/", "/admin/accounts/user/"


@pytest.mark.parametrize("look", ["light", "phone-dark"])
def test_the_pages_of_the_admin_are_accessible_and_fit(signed_in: Callable[..., Page], look: str) -> None:
    page = signed_in(**LOOKS[look])
    found = {}
    for address in ("/admin/", JOBS, IMPORT, PLAN, SYMBOLS, USERS):
        page.goto(address)
        found[address] = (axe_violations(page), max(0, sideways_overflow(page)))

    assert found == dict.fromkeys(found, ([], 0))


def test_the_buttons_of_the_jobs_leave_the_title_to_be_read(signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport={"width": 1280, "height": 900})
    page.goto(JOBS)
    title = page.get_by_role("heading", level=1, name="Job runs").bounding_box()
    assert title

    buttons = page.locator(".object-tools").get_by_role("button").all()

    assert buttons
    for button in buttons:
        expect(button).to_be_visible()
        box = button.bounding_box()
        assert box
        assert box["y"] >= title["y"] + title["height"]
