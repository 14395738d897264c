"""What happens to somebody who is looking at a chart when the access token, or the whole sign-in, has ended."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.pages import ComparePage, SignInPage
from tests.browser.stack import Site

MARKET_DATA = re.compile(r"/api/v1/(tiles|compare|sessions|symbols|daily|hourly)")
REFRESH = re.compile(r"/api/v1/auth/refresh/")
BOTH_SYMBOLS = re.compile(r"AAPL.*MSFT", re.DOTALL)
EXPIRED = """
from datetime import timedelta
from accounts.models import User
from accounts import tokens
from rest_framework_simplejwt.tokens import AccessToken
"""


def test_an_expired_access_token_is_renewed_without_a_word(
    signed_in: Callable[..., Page], complaints: list[str]
) -> None:
    page = signed_in()
    refused: list[str] = []

    def send_an_expired_token_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        route.continue_(headers=route.request.headers | {"authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.expired"})

    page.route(MARKET_DATA, send_an_expired_token_once)
    compare = ComparePage(page).open()
    compare.choose_range("MAX")

    compare.expect_chart(BOTH_SYMBOLS)
    page.wait_for_load_state("networkidle")
    assert refused, "the page asked for no market data"
    expect(page.get_by_role("alert")).to_have_count(0)
    # Chromium itself reports the refused request.
    complaints[:] = [text for text in complaints if "401" not in text]


def test_a_sign_in_that_ended_elsewhere_is_said_with_a_way_back(
    signed_in: Callable[..., Page], complaints: list[str]
) -> None:
    page = signed_in()
    # What the server answers once the sign-in is over; the browser would add its cookie to the real request.
    over = {"detail": "The sign-in is over.", "code": "session_ended"}
    page.route(REFRESH, lambda route: route.fulfill(status=401, json=over))

    compare = ComparePage(page).open()
    compare.choose_range("MAX")

    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    # What the server rendered is still there to read.
    assert compare.rows.count() > 1
    complaints[:] = [text for text in complaints if "401" not in text and "403" not in text]


def test_after_a_sign_out_elsewhere_a_reload_asks_to_sign_in_and_comes_back(
    signed_in: Callable[..., Page], site: Site
) -> None:
    page = signed_in()
    compare = ComparePage(page).open()
    compare.expect_chart(BOTH_SYMBOLS)

    page.context.clear_cookies()
    page.reload()

    sign_in = SignInPage(page)
    expect(sign_in.heading).to_have_text("Sign in")
    sign_in.sign_in(site.username, site.password)
    expect(compare.heading).to_have_text("AAPL against MSFT")
