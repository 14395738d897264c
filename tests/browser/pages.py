"""Page models: what a person can do and see on each page, by role and label."""

import re
from typing import Self

from playwright.sync_api import Locator, Page, expect


class SitePage:
    """What all pages share: header, navigation, user menu."""

    path = "/"

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self) -> Self:
        self.page.goto(self.path)
        return self

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def synthetic_tags(self) -> Locator:
        return self.page.get_by_text("synthetic market", exact=True)

    def go_to(self, label: str) -> None:
        self.page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name=label).click()

    def sign_out(self, username: str) -> None:
        self.page.locator("summary").filter(has_text=username).click()
        self.page.get_by_role("button", name="Sign out").click()


class SignInPage(SitePage):
    path = "/sign-in/"

    def sign_in(self, username: str, password: str) -> None:
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator("summary").filter(has_text=username)).to_be_visible()

    def try_to_sign_in(self, username: str, password: str) -> Locator:
        """Send the form and return the place of the refusal."""
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        return self.page.get_by_role("alert")


class ChartPage(SitePage):
    """A page with one figure, its caption and at least one table."""

    @property
    def chart(self) -> Locator:
        return self.page.get_by_role("figure").get_by_role("img")

    @property
    def caption(self) -> Locator:
        return self.page.locator("figcaption")

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("table").last.get_by_role("row")

    def expect_chart(self, summary: str | re.Pattern[str]) -> None:
        """The chart is drawn, and says in words what it shows."""
        expect(self.chart.first).to_be_visible()
        expect(self.chart.first).to_have_accessible_name(summary)

    def expect_chart_of_each(self, *symbols: str) -> None:
        """There is a chart that names each symbol."""
        for symbol in symbols:
            expect(self.page.get_by_role("figure").get_by_role("img", name=symbol).first).to_be_visible()

    def choose_range(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Range").get_by_role("link", name=name, exact=True).click()


class ComparePage(ChartPage):
    path = "/compare/AAPL/MSFT/"


class FiguresPage(SitePage):
    """A page of measures, each of which explains itself."""

    def measure(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def explanation(self, said: str) -> Locator:
        return self.page.get_by_role("note").filter(has_text=said)


class StatisticsPage(FiguresPage):
    path = "/statistics/AAPL/MSFT/"


class PairPage(FiguresPage):
    path = "/pair/AAPL/MSFT/"


class DailyPage(ChartPage):
    path = "/daily/AAPL/MSFT/"


class HourlyPage(ChartPage):
    path = "/hourly/AAPL/MSFT/"


class AveragesPage(ChartPage):
    path = "/averages/AAPL/"


class DataPage(SitePage):
    path = "/data/"


class QualityPage(SitePage):
    path = "/quality/"


class CorrectionsPage(SitePage):
    path = "/corrections/"


class SignUpPage(SitePage):
    path = "/sign-up/"

    def sign_up(self, username: str, password: str, again: str = "") -> None:
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_label("Password again").fill(again or password)
        self.page.get_by_role("button", name="Create account").click()


class AccountPage(SitePage):
    """Profile, and by the navigation at its side the other pages of the account."""

    path = "/account/"
    parts = ("Profile", "Comparisons", "Password", "Sign-ins", "API keys", "Your data")

    def open_part(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Account", exact=True).get_by_role("link", name=name).click()
        expect(self.heading).to_have_text(name)
