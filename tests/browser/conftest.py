"""Chromium, the live site, and the two things that no page may do: report an error, break its own security policy."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from stockcompare.up.ports import wait_until
from tests.browser.stack import Site, live_site

CHROMIUM = Path("/usr/bin/chromium")
# Chromium sends nothing of its own accord, and text looks the same on every machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]
# How long a crowded machine takes to draw a page is not what these tests are about.
expect.set_options(timeout=30_000)
REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  window.reportViolation(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # The first test waits for the site to be prepared.
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"browser tests need {CHROMIUM}; install it with: apt-get install chromium")
    return browser_type_launch_args | {"executable_path": str(CHROMIUM), "args": FLAGS}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with live_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.url


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test complained about; a test that expects a complaint removes it from the list."""
    return []


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a watched page; keywords are Playwright's context options. The test fails if a page complained."""

    def open_page(**options: Any) -> Page:
        settings = {"locale": "en-US", "reduced_motion": "reduce", "service_workers": "block"}
        context = new_context(**settings | options)
        context.expose_binding("reportViolation", lambda source, text: complaints.append(f"CSP {text}"))
        context.add_init_script(REPORT_VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(f"uncaught {error}"))
        return page

    yield open_page
    assert complaints == []


@pytest.fixture
def signed_in(open_page: Callable[..., Page], site: Site) -> Callable[..., Page]:
    """Open a page of a signed-in user. The form, and the page it leads to, have tests of their own."""

    def signed_in(**options: Any) -> Page:
        page = open_page(**options)
        credentials = {"username": site.username, "password": site.password}

        def token() -> bool:
            # A crowded machine may take longer than the site waits for its users, and be told to ask again.
            answer = page.request.post("/api/v1/auth/token/", data=credentials, headers={"X-Requested-With": "fetch"})
            assert answer.ok or answer.status == 503, answer.text()
            return answer.ok

        assert wait_until(token, seconds=60)
        return page

    return signed_in


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.type} {message.text} ({message.location.get('url', '')})")
