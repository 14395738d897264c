"""My sign-ins: what a person sees and can end, and that an ended one is over everywhere."""

import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.sessions import GRACE_SECONDS
from tests.dynamo import PASSWORD
from tests.faulty_proxy import faulty_proxy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"


def signed_in(username: str = "ada", *, agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    assert client.post("/sign-in/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def shown(client: Client) -> str:
    page = client.get("/account/sign-ins/")
    assert page.status_code == 200
    return page.content.decode()


def sids(client: Client) -> list[str]:
    listed = client.get("/account/sign-ins/").context["sign_ins"]
    return [sign_in.sid for sign_in in listed]


def is_signed_in(client: Client, path: str = "/account/") -> bool:
    return client.get(path).status_code == 200


def test_each_sign_in_is_shown_with_device_and_address(make_user: Any) -> None:
    make_user("ada")
    make_user("bob")
    signed_in(agent=IPHONE, address="2001:db8:1:2::3")
    signed_in("bob", agent="curl/8")

    page = shown(signed_in())

    assert page.index("Firefox on Linux") < page.index("this browser") < page.index("Safari on iPhone")
    assert "192.0.2.1" in page
    assert "2001:db8:1:2::/64" in page
    assert "curl" not in page


def test_one_sign_in_is_ended_and_the_others_stay(make_user: Any) -> None:
    make_user("ada")
    phone, laptop = signed_in(agent=IPHONE), signed_in()

    response = laptop.post(f"/account/sign-ins/{sids(laptop)[1]}/end/")

    assert response["Location"] == "/account/sign-ins/"
    assert not is_signed_in(phone)
    assert is_signed_in(laptop)
    assert "Safari on iPhone" not in shown(laptop)


def test_all_others_are_ended_at_once(make_user: Any) -> None:
    make_user("ada")
    others = [signed_in(agent=IPHONE), signed_in()]
    laptop = signed_in()

    told = laptop.post("/account/sign-ins/end-others/", follow=True)

    assert "2 other sign-ins ended" in told.content.decode()
    assert [is_signed_in(client) for client in others] == [False, False]
    assert sids(laptop) == sids(laptop)[:1]


def test_nobody_ends_a_sign_in_of_somebody_else(make_user: Any) -> None:
    make_user("ada")
    make_user("bob")
    ada, bob = signed_in(), signed_in("bob")

    assert bob.post(f"/account/sign-ins/{sids(ada)[0]}/end/").status_code == 302
    assert is_signed_in(ada)


def test_ending_a_sign_in_of_a_member_of_the_staff_ends_its_admin_too(make_user: Any) -> None:
    make_user("root", superuser=True)
    office, laptop = signed_in("root"), signed_in("root")
    assert is_signed_in(office, "/admin/")

    laptop.post(f"/account/sign-ins/{sids(laptop)[1]}/end/")

    assert not is_signed_in(office, "/admin/")
    assert is_signed_in(laptop, "/admin/")


def test_a_copied_token_used_too_late_ends_the_admin_too(make_user: Any) -> None:
    make_user("root", superuser=True)
    office, thief = signed_in("root"), Client()
    thief.cookies["sc_refresh"] = office.cookies["sc_refresh"].value
    script = {"X-Requested-With": "fetch"}
    assert office.post("/api/v1/auth/refresh/", headers=script).status_code == 200
    assert is_signed_in(office, "/admin/")

    with time_machine.travel(time.time() + GRACE_SECONDS + 1):
        assert thief.post("/api/v1/auth/refresh/", headers=script).status_code == 401

        assert not is_signed_in(office, "/admin/")


def test_an_admin_page_knows_its_user_by_one_read(make_user: Any, user_store: str, settings: Any) -> None:
    make_user("root", superuser=True)
    client = signed_in("root")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        client.get("/admin/accounts/user/add/")

    assert proxy.operations() == ["BatchGetItem"]


def test_account_pages_lead_a_visitor_through_sign_in(make_user: Any) -> None:
    make_user("ada")

    assert Client().get("/account/sign-ins/")["Location"] == "/sign-in/?next=/account/sign-ins/"
    assert Client().post("/account/sign-ins/end-others/")["Location"] == "/sign-in/?next=/account/"


@pytest.mark.parametrize("path", ["/account/", "/account/sign-ins/end-others/", "/account/sign-ins/x/end/"])
def test_forms_of_the_account_are_guarded_against_forgery(make_user: Any, path: str) -> None:
    make_user("ada")
    client = Client(enforce_csrf_checks=True)
    client.cookies["sc_refresh"] = signed_in().cookies["sc_refresh"].value

    assert client.post(path).status_code == 403


def test_a_name_is_shown_once_it_is_saved(make_user: Any) -> None:
    make_user("ada")
    client = signed_in()

    told = client.post("/account/", {"first_name": "Ada", "last_name": "King"}, follow=True).content.decode()

    assert "Your name is saved." in told
    assert 'value="King"' in told
    too_long = client.post("/account/", {"first_name": "x" * 151})
    assert too_long.status_code == 400
    assert "at most 150 characters" in too_long.content.decode()
