"""The admin site over DynamoDB, through HTTP."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from tests.dynamo import PASSWORD
from tests.user_admin import LIST, admin_client, form_of

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@pytest.fixture
def helper(make_user: Any) -> Client:
    """A client of an administrator by role, who is no superuser."""
    return admin_client(make_user("helper", role="admin", is_staff=True))


def test_add_a_user(root_client: Client, helper: Client) -> None:
    body = {"username": "Newton", "email": "N@example.org", "usable_password": "true"}
    passwords = {"password1": "gravity-well-9", "password2": "gravity-well-9"}

    response = root_client.post(f"{LIST}add/", body | passwords)

    assert response["Location"] == f"{LIST}newton/change/"
    user = User.objects.get(pk="newton")
    assert (user.email, user.role, user.is_staff) == ("n@example.org", "viewer", False)
    assert user.check_password("gravity-well-9")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "ROOT"}, "username"),
        ({"email": "Root@Example.org"}, "email"),
        ({"username": "a@b"}, "username"),
        ({"password1": "12345678", "password2": "12345678"}, "password2"),
        ({"password2": "something-else-9"}, "password2"),
    ],
)
def test_add_form_errors(root_client: Client, changes: dict[str, str], field: str) -> None:
    body = {"username": "newton", "email": "n@example.org", "usable_password": "true"}
    body |= {"password1": "gravity-well-9", "password2": "gravity-well-9"}

    response = root_client.post(f"{LIST}add/", body | changes)

    assert response.status_code == 200
    assert list(response.context["adminform"].errors) == [field]
    assert User.objects.count() == 1


def test_change_a_user(root_client: Client, make_user: Any) -> None:
    make_user("ada")
    address = f"{LIST}ada/change/"

    response = root_client.post(
        address, form_of(root_client, address, role="analyst", email="new@example.org", is_staff="on")
    )

    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(email="new@example.org")
    assert (user.pk, user.role, user.is_staff) == ("ada", "analyst", True)
    assert not User.objects.filter(email="ada@example.org").exists()


def test_a_form_opened_before_somebody_elses_save_is_refused(root_client: Client, make_user: Any) -> None:
    user = make_user("ada")
    address = f"{LIST}ada/change/"
    opened = form_of(root_client, address, first_name="Ada")
    user.last_name = "Lovelace"
    user.save()

    response = root_client.post(address, opened)

    assert "Somebody else changed this user" in response.content.decode()
    assert User.objects.get(pk="ada").get_full_name() == "Lovelace"


def test_an_address_taken_by_another_is_a_form_error(root_client: Client, make_user: Any) -> None:
    make_user("ada")
    address = f"{LIST}ada/change/"

    response = root_client.post(address, form_of(root_client, address, email="ROOT@example.org"))

    assert "A user with that e-mail address already exists." in response.content.decode()


def test_set_a_password(root_client: Client, make_user: Any) -> None:
    make_user("ada")
    body = {"usable_password": "true", "password1": "gravity-well-9", "password2": "gravity-well-9"}

    assert root_client.post(f"{LIST}ada/password/", body | {"set-password": "1"}).status_code == 302

    assert User.objects.get(pk="ada").check_password("gravity-well-9")


def test_changing_my_own_password_keeps_this_browser_signed_in(root_client: Client, root: Any) -> None:
    elsewhere = admin_client(root)
    body = {"old_password": PASSWORD, "new_password1": "gravity-well-9", "new_password2": "gravity-well-9"}

    response = root_client.post("/admin/password_change/", body)

    assert response.status_code == 302
    assert root_client.get("/admin/").status_code == 200
    assert response.cookies["sc_refresh"].value
    assert elsewhere.get("/admin/").status_code == 302


def test_sign_out_everywhere(root_client: Client, make_user: Any) -> None:
    user = make_user("ada", is_staff=True, role="admin")
    other = admin_client(user)

    root_client.post(LIST, {"action": "end_sessions", "_selected_action": ["ada"]})

    assert other.get("/admin/").status_code == 302


def test_history_and_recent_actions_survive_their_actor(root_client: Client, make_user: Any) -> None:
    make_user("ada")
    other = make_user("second", superuser=True)
    second = admin_client(other)
    second.post(f"{LIST}ada/change/", form_of(second, f"{LIST}ada/change/", first_name="Ada"))
    assert "second" in root_client.get(f"{LIST}ada/history/").content.decode()
    assert "Recent actions" in second.get("/admin/").content.decode()

    root_client.post(f"{LIST}second/delete/", {"post": "yes"})

    history = root_client.get(f"{LIST}ada/history/")
    assert "second (deleted)" in history.content.decode()
    assert "Changed First name" in history.content.decode()
    assert LogEntry.objects.filter(user_id="second").count() == 1


def test_history_of_other_models(root_client: Client) -> None:
    schedule = Schedule.objects.create(func="math.floor", schedule_type=Schedule.ONCE, next_run=timezone.now())
    content_type = ContentType.objects.get_for_model(Schedule)
    LogEntry.objects.create(user_id="root", content_type=content_type, object_id=str(schedule.pk), action_flag=2)

    history = root_client.get(f"/admin/django_q/schedule/{schedule.pk}/history/")

    assert "root" in history.content.decode()


@pytest.mark.parametrize("username", ["o_41b", "we.ird-na+me-1", "ünïcode"])
def test_odd_names_in_addresses(root_client: Client, make_user: Any, username: str) -> None:
    make_user(username, email=None)
    link = re.search(r'field-username"><a href="([^"]+)">', root_client.get(LIST, {"q": username}).content.decode())
    assert link

    assert root_client.get(link[1]).context["original"].pk == username


def test_an_unknown_user_is_a_message(root_client: Client) -> None:
    assert root_client.get(f"{LIST}nobody/change/")["Location"] == "/admin/"


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_other_roles_may_not_manage_users(make_user: Any, role: str) -> None:
    client = admin_client(make_user("ada", role=role, is_staff=True))

    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}ada/change/", {"is_superuser": "on"}).status_code == 403


def test_nobody_raises_rights_without_being_a_superuser(helper: Client, make_user: Any) -> None:
    make_user("ada")
    rights = {"is_superuser": "on", "is_staff": "on", "role": "admin"}
    for name in ("helper", "ada"):
        address = f"{LIST}{name}/change/"
        helper.post(address, form_of(helper, address, first_name="Changed", **rights))

    changed = {user.pk: user for user in User.objects.all()}
    assert {user.first_name for user in changed.values()} == {"Changed"}
    assert not any(user.is_superuser for user in changed.values())
    assert (changed["ada"].role, changed["ada"].is_staff) == ("viewer", False)


def test_a_helper_cannot_touch_a_superuser(helper: Client, root: Any) -> None:
    new = {"usable_password": "true", "password1": "gravity-well-9", "password2": "gravity-well-9", "set-password": "1"}

    assert helper.post(f"{LIST}root/password/", new).status_code == 403
    assert helper.post(f"{LIST}root/delete/", {"post": "yes"}).status_code == 403
    helper.post(LIST, {"action": "deactivate", "_selected_action": ["root"]})
    helper.post(LIST, {"action": "delete_selected", "_selected_action": ["root"], "post": "yes"})
    helper.post(f"{LIST}root/change/", {"is_active": "", "rev": "1"})

    user = User.objects.get(pk="root")
    assert user.is_active
    assert user.check_password(PASSWORD)


def test_the_last_superuser_stays(root_client: Client, make_user: Any) -> None:
    address = f"{LIST}root/change/"

    for changes in ({"is_superuser": None}, {"is_active": None}):
        assert (
            "cannot deactivate yourself"
            in root_client.post(address, form_of(root_client, address, **changes)).content.decode()
        )
    root_client.post(f"{LIST}root/delete/", {"post": "yes"})
    root_client.post(LIST, {"action": "delete_selected", "_selected_action": ["root"], "post": "yes"})
    root_client.post(LIST, {"action": "deactivate", "_selected_action": ["root"]})

    user = User.objects.get(pk="root")
    assert user.is_superuser
    assert user.is_active


def test_of_two_superusers_one_may_go_but_not_by_own_hand(root_client: Client, make_user: Any) -> None:
    make_user("second", superuser=True)
    root_client.post(f"{LIST}root/delete/", {"post": "yes"})
    assert User.objects.filter(pk="root").exists()

    address = f"{LIST}second/change/"
    assert root_client.post(address, form_of(root_client, address, is_superuser=None)).status_code == 302

    assert not User.objects.get(pk="second").is_superuser


def test_the_product_is_named(root_client: Client) -> None:
    page = root_client.get("/admin/").content.decode()

    assert "StockCompare" in page
    assert "Django administration" not in page
