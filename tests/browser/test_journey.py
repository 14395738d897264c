"""A person's way through the site, as somebody who compares two stocks goes it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import AveragesPage, ComparePage, DailyPage, DataPage, HourlyPage, SignInPage
from tests.browser.stack import Site

BOTH_SYMBOLS = re.compile(r"AAPL.*MSFT", re.DOTALL)


def test_from_sign_in_through_every_page_to_sign_out(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page()

    # A page asked for before signing in is the one shown afterwards.
    page.goto(ComparePage.path)
    sign_in = SignInPage(page)
    expect(sign_in.heading).to_have_text("Sign in")
    sign_in.sign_in(site.username, site.password)

    compare = ComparePage(page)
    expect(compare.heading).to_have_text("AAPL against MSFT")
    compare.expect_chart(BOTH_SYMBOLS)
    expect(compare.synthetic_tags.first).to_be_visible()

    compare.go_to("Daily")
    expect(compare.heading).to_contain_text("Daily averages")
    DailyPage(page).expect_chart_of_each("AAPL", "MSFT")

    compare.go_to("Hourly")
    expect(compare.heading).to_contain_text("Hourly averages")
    HourlyPage(page).expect_chart_of_each("AAPL", "MSFT")

    compare.go_to("Averages")
    expect(compare.heading).to_contain_text("Moving averages of AAPL")
    AveragesPage(page).expect_chart(re.compile("AAPL"))

    compare.go_to("Data")
    expect(compare.heading).to_have_text("Data")
    expect(page.get_by_role("rowheader", name="MSFT").first).to_be_visible()

    compare.sign_out(site.username)
    expect(sign_in.heading).to_have_text("Sign in")
    page.goto(ComparePage.path)
    expect(sign_in.heading).to_have_text("Sign in")


def test_a_wrong_password_is_refused_in_words(open_page: Callable[..., Page], complaints: list[str]) -> None:
    page = open_page()

    refusal = SignInPage(page).open().try_to_sign_in("nobody", "not the password")

    expect(refusal).to_be_visible()
    expect(page).to_have_url(re.compile(r"/sign-in/"))
    # Chromium reports the refusal's status by itself.
    complaints[:] = [text for text in complaints if "401" not in text]


def test_a_range_and_the_price_mode_are_in_the_address(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    compare = ComparePage(page).open()
    compare.expect_chart(BOTH_SYMBOLS)

    compare.choose_range("5D")
    expect(page).to_have_url(re.compile(r"range=5D"))
    compare.expect_chart(BOTH_SYMBOLS)

    page.reload()
    compare.expect_chart(BOTH_SYMBOLS)
    expect(page.get_by_role("navigation", name="Range").locator("[aria-current=true]")).to_have_text("5D")


def test_the_chart_can_be_read_with_the_keyboard(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    compare = ComparePage(page).open()
    compare.expect_chart(BOTH_SYMBOLS)
    readout = page.get_by_role("status").filter(has_text="ET")

    compare.chart.first.focus()
    page.keyboard.press("End")
    expect(readout).to_contain_text("AAPL")
    last = readout.inner_text()
    page.keyboard.press("ArrowLeft")

    expect(readout).not_to_have_text(last)


def test_a_symbol_without_bars_gets_a_sentence_and_a_way_on(
    signed_in: Callable[..., Page], complaints: list[str]
) -> None:
    page = signed_in()

    page.goto("/compare/AAPL/NVDA/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("NVDA")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    # The 404 of the page itself is what this test asked for.
    complaints[:] = [text for text in complaints if "404" not in text]


def test_data_shows_the_configured_symbols(signed_in: Callable[..., Page]) -> None:
    page = signed_in()

    DataPage(page).open()

    for symbol in ("AAPL", "MSFT"):
        expect(page.get_by_role("rowheader", name=symbol).first).to_be_visible()
