"""The page of saved comparisons: saved from the compare page's form, opened, renamed and removed."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts import saved
from accounts.saved import COMPARISON
from tests.dynamo import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
ADDRESS = "/account/comparisons/"
FORM = {"name": "Tech", "symbols": "AAPL,MSFT", "range": "6M", "mode": "pct", "adjustment": "all"}


@pytest.fixture
def signed_in(make_user: Any) -> Any:
    def signed_in(name: str = "ada", role: str = "analyst") -> Client:
        make_user(name, role=role)
        client = Client()
        assert client.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 302
        return client

    return signed_in


def listed(client: Client) -> list[tuple[str, str]]:
    """Return name and address of what the page lists."""
    page = client.get(ADDRESS).content.decode()
    found = re.findall(r'<h2 class="account__name"><a href="([^"]+)">([^<]+)</a>', page)
    return [(name, address.replace("&amp;", "&")) for address, name in found]


def deed(client: Client, name: str) -> str:
    found = re.search(rf'action="([^"]+/{name}/)"', client.get(ADDRESS).content.decode())
    assert found
    return found[1]


def test_a_visitor_is_led_to_sign_in() -> None:
    assert Client().get(ADDRESS)["Location"] == f"/sign-in/?next={ADDRESS}"
    assert Client().post(ADDRESS, FORM).status_code == 302
    assert Client().post(f"{ADDRESS}0123/remove/").status_code == 302


def test_a_comparison_is_saved_once_opened_renamed_and_removed(signed_in: Any) -> None:
    person = signed_in()
    address = "/compare/AAPL/MSFT/?range=6M&adjustment=all"

    for _ in range(2):
        assert person.post(ADDRESS, FORM)["Location"] == address
    assert listed(person) == [("Tech", address)]

    person.post(deed(person, "rename"), {"name": "Two", "version": 1})
    assert listed(person) == [("Two", address)]
    person.post(ADDRESS, FORM)
    assert sorted(listed(person)) == [("Tech", address), ("Two", address)]

    for _ in range(2):
        person.post(deed(person, "remove"))
    assert listed(person) == []
    assert "You have saved none yet." in person.get(ADDRESS).content.decode()


def test_dates_are_kept_as_they_are(signed_in: Any) -> None:
    person = signed_in()
    dates = {"range": "", "first": "2026-10-01", "last": "2026-10-09", "mode": "price"}

    person.post(ADDRESS, FORM | dates)

    assert listed(person)[0][1] == "/compare/AAPL/MSFT/?from=2026-10-01&to=2026-10-09&mode=price&adjustment=all"


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "This field is required."),
    ({"name": "x" * 81}, "at most 80 characters"),
    ({"name": "a\u202eb"}, "Write it in one line"),
    ({"symbols": "AAPL"}, "at least two symbols"),
    ({"symbols": "A,B,C,D,E,F,G"}, "at most 6 symbols"),
    ({"symbols": "AAPL,&lt;"}, "is not a symbol"),
    ({"range": "2W"}, "2W is not one of the available choices"),
    ({"range": ""}, "Give either a range or two dates."),
    ({"range": "", "first": "2026-10-09", "last": "2026-10-01"}, "exchange the two dates"),
    ({"adjustment": "none"}, "none is not one of the available choices"),
]


def test_what_cannot_be_saved_is_refused_with_a_sentence(signed_in: Any) -> None:
    person = signed_in()

    for wrong, said in REFUSED:
        response = person.post(ADDRESS, FORM | wrong)
        assert (response.status_code, said in response.content.decode()) == (400, True), wrong
    assert listed(person) == []


def test_a_name_that_somebody_changed_meanwhile_is_left_alone(signed_in: Any) -> None:
    person = signed_in()
    person.post(ADDRESS, FORM)
    rename = deed(person, "rename")

    person.post(rename, {"name": "Two", "version": 1})
    person.post(rename, {"name": "Three", "version": 1})
    person.post(rename, {"name": "", "version": 2})

    assert [name for name, _ in listed(person)] == ["Two"]


def test_the_comparison_of_another_is_as_absent_as_one_that_never_was(signed_in: Any) -> None:
    owner, other = signed_in(), signed_in("bob")
    owner.post(ADDRESS, FORM)

    for address in (deed(owner, "rename"), deed(owner, "remove"), f"{ADDRESS}nonsense/remove/"):
        assert other.post(address, {"name": "Mine", "version": 1}).status_code == 404
    assert [name for name, _ in listed(owner)] == ["Tech"]


def test_who_may_only_look_cannot_save(signed_in: Any) -> None:
    viewer = signed_in(role="viewer")

    assert viewer.get(ADDRESS).status_code == 200
    assert viewer.post(ADDRESS, FORM).status_code == 403
    assert viewer.post(f"{ADDRESS}{'0' * 24}/remove/").status_code == 403


def test_there_are_only_so_many(signed_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.pages.comparisons.COMPARISON", saved.Kind("comparison", COMPARISON.plural, 1))
    person = signed_in()
    person.post(ADDRESS, FORM)

    response = person.post(ADDRESS, FORM | {"name": "Another"})

    assert response.status_code == 400
    assert "You have 1 comparisons, as many as there can be." in response.content.decode()
