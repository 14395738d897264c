"""Somebody new signs up, looks at the account, ends a sign-in elsewhere and leaves; all without a script, too."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import AccountPage, SignInPage, SignUpPage
from tests.browser.test_looks import LOOKS, axe_violations, sideways_overflow

PASSWORD = "well-9-deep"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_sign_up_to_the_end_of_the_account(
    open_page: Callable[..., Page], complaints: list[str], *, script: bool
) -> None:
    page, name = open_page(java_script_enabled=script), f"eve-{secrets.token_hex(3)}"
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    sign_up = SignUpPage(page)
    sign_up.sign_up(name, PASSWORD, again="something-else")
    expect(page.get_by_text("The two passwords are not the same.")).to_be_visible()
    sign_up.sign_up(name, PASSWORD)
    expect(page.get_by_text(f"Your account is ready, {name}.")).to_be_visible()

    elsewhere = open_page(user_agent="Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1", java_script_enabled=script)
    SignInPage(elsewhere).open().sign_in(name, PASSWORD)
    account = AccountPage(page).open()
    account.open_part("Sign-ins")
    expect(page.get_by_text("this browser", exact=True)).to_have_count(1)
    page.get_by_role("button", name="End the sign-in of Safari on iPhone").click()
    expect(page.get_by_text("That sign-in has ended.")).to_be_visible()
    elsewhere.goto("/account/")
    expect(SignInPage(elsewhere).heading).to_have_text("Sign in")

    account.open_part("Your data")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download your data").click()
    assert downloading.value.suggested_filename.startswith(f"stockcompare-{name}-")
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    expect(page).to_have_url(re.compile("/sign-in/"))
    # Chromium reports the status of the form that was refused.
    complaints[:] = [text for text in complaints if "400" not in text]


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_an_account_are_accessible_and_fit(signed_in: Callable[..., Page], look: str) -> None:
    page = signed_in(**LOOKS[look])
    account = AccountPage(page).open()
    found = {}
    for part in AccountPage.parts:
        account.open_part(part)
        found[part] = (axe_violations(page), max(0, sideways_overflow(page)))

    assert found == dict.fromkeys(AccountPage.parts, ([], 0))


@pytest.mark.parametrize("look", LOOKS)
def test_the_sign_up_page_is_accessible_and_fits(open_page: Callable[..., Page], look: str) -> None:
    page = open_page(**LOOKS[look])
    SignUpPage(page).open()

    assert axe_violations(page) == []
    assert sideways_overflow(page) <= 0


@pytest.mark.parametrize("look", ["light", "phone-dark"])
def test_a_new_key_and_the_list_of_keys_are_accessible_and_fit(signed_in: Callable[..., Page], look: str) -> None:
    page = signed_in(**LOOKS[look])
    page.goto("/account/keys/")
    page.get_by_label("What it is for").fill(f"nightly report {secrets.token_hex(3)}")
    page.get_by_role("button", name="Make key").click()
    expect(page.get_by_role("heading", name="Copy your new key now")).to_be_visible()

    assert axe_violations(page) == []
    assert sideways_overflow(page) <= 0
