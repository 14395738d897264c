"""Sign-in and sign-out pages, and who a page is rendered for."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@login_required
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"for {request.user.get_username()}")


urlpatterns = [path("", include("stockcompare.urls")), path("private/", private)]
handler500 = "accounts.unavailable.server_error"


@pytest.fixture(autouse=True)
def _page_of_a_user(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def sign_in(client: Client, username: str = "ada", password: str = PASSWORD, address: str = "/private/") -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, "next": address})


def test_a_signed_out_visitor_is_led_through_sign_in_to_the_page(make_user: Any) -> None:
    make_user("ada")
    client = Client()

    led = client.get("/private/")
    assert led["Location"] == "/sign-in/?next=/private/"
    form = client.get(led["Location"])
    assert 'value="/private/"' in form.content.decode()
    assert sign_in(client)["Location"] == "/private/"
    page = client.get("/private/")

    assert page.content == b"for ada"
    assert page["Cache-Control"] == "private, no-store"
    assert "Cookie" in page["Vary"]


def test_the_form_is_guarded_against_forgery(make_user: Any) -> None:
    make_user("ada")
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client).status_code == 403

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/sign-in/").content.decode())
    assert token
    body = {"username": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert client.post("/sign-in/", body).status_code == 302


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///x", "\\\\evil"]
)
def test_next_leads_nowhere_else(make_user: Any, evil: str) -> None:
    make_user("ada")

    assert sign_in(Client(), address=evil)["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("off", PASSWORD)])
def test_a_refusal_never_tells_whether_the_account_exists(make_user: Any, username: str, password: str) -> None:
    make_user("ada")
    make_user("off", is_active=False)

    response = sign_in(Client(), username, password)

    assert response.status_code == 401
    assert "The name or the password is wrong." in response.content.decode()
    assert "sc_refresh" not in response.cookies


def test_a_locked_name_is_told_to_wait(make_user: Any) -> None:
    make_user("ada")
    for _ in range(5):
        sign_in(Client(), password="wrong")

    response = sign_in(Client())

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "Too many attempts" in response.content.decode()


def test_empty_fields_are_named() -> None:
    response = Client().post("/sign-in/", {"username": "", "password": ""})

    assert response.status_code == 400
    assert response.content.decode().count("This field is required.") == 2


def test_sign_out_ends_the_sign_in_everywhere_it_was_copied_to(make_user: Any) -> None:
    make_user("ada")
    client = Client()
    sign_in(client)
    copied = Client()
    copied.cookies["sc_refresh"] = client.cookies["sc_refresh"].value

    response = client.post("/sign-out/")

    assert response["Location"] == "/sign-in/"
    assert client.get("/private/").status_code == 302
    assert copied.get("/private/").status_code == 302


def test_a_link_cannot_sign_out(make_user: Any) -> None:
    make_user("ada")
    client = Client()
    sign_in(client)

    assert client.get("/sign-out/").status_code == 405
    assert client.get("/private/").status_code == 200


def test_a_changed_password_ends_pages_too(make_user: Any) -> None:
    user = make_user("ada")
    client = Client()
    sign_in(client)

    user.set_password("another-horse-8")
    user.save()

    assert client.get("/private/").status_code == 302


def test_staff_reach_the_admin_and_others_do_not(make_user: Any) -> None:
    make_user("root", superuser=True)
    make_user("ada")
    staff, other = Client(), Client()

    led = staff.get("/admin/")
    assert led["Location"] == "/admin/login/?next=/admin/"
    assert staff.get(led["Location"])["Location"] == "/sign-in/?next=/admin/"
    assert sign_in(staff, "root", address="/admin/")["Location"] == "/admin/"
    assert staff.get("/admin/").status_code == 200

    sign_in(other, "ada", address="/admin/")
    assert "sessionid" not in other.cookies
    shown = other.get("/admin/", follow=True)
    assert shown.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
    assert "You are signed in as ada" in shown.content.decode()


def test_the_session_gets_a_new_key_at_sign_in(make_user: Any) -> None:
    make_user("root", superuser=True)
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = client.cookies["sessionid"].value

    sign_in(client, "root")

    assert client.cookies["sessionid"].value != planted


def test_signing_out_of_the_admin_signs_out_of_the_site(make_user: Any) -> None:
    make_user("root", superuser=True)
    client = Client()
    sign_in(client, "root")

    client.post("/admin/logout/")

    assert client.get("/private/").status_code == 302
    assert client.get("/admin/").status_code == 302


def test_an_admin_session_dies_with_the_password_and_the_account(make_user: Any) -> None:
    user = make_user("root", superuser=True)
    client = Client()
    sign_in(client, "root")
    user = User.objects.get(pk="root")
    user.set_password("another-horse-8")
    user.save()
    assert client.get("/admin/").status_code == 302

    sign_in(client, "root", "another-horse-8")
    assert client.get("/admin/").status_code == 200
    User.objects.get(pk="root").delete()
    make_user("root", superuser=True)
    assert client.get("/admin/").status_code == 302


def test_signing_in_again_ends_the_former_sign_in(make_user: Any) -> None:
    make_user("ada")
    make_user("bob")
    client = Client()
    sign_in(client)
    old = Client()
    old.cookies["sc_refresh"] = client.cookies["sc_refresh"].value

    sign_in(client, "bob")

    assert client.get("/private/").content == b"for bob"
    assert old.get("/private/").status_code == 302


def test_a_page_costs_one_read_when_it_looks_at_its_user(make_user: Any, user_store: str, settings: Any) -> None:
    make_user("ada")
    client = Client()
    sign_in(client)
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        client.get("/private/")

    assert proxy.operations() == ["BatchGetItem"]


def test_a_sign_in_whose_time_cannot_be_noted_still_works(make_user: Any, user_store: str, settings: Any) -> None:
    make_user("ada")
    client = Client()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        sign_in(Client())
        assert proxy.operations()[-1] == "UpdateItem"  # the time comes last
        proxy.fault = Fault("throttle", "UpdateItem", after=proxy.operations().count("UpdateItem") - 1)

        assert sign_in(client).status_code == 302
        assert proxy.fault.hits > 0

    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store
    assert client.get("/private/").content == b"for ada"
