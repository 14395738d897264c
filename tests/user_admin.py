"""The pages of users in the admin, for tests."""

import re
from typing import Any

from django.test import Client

LIST = "/admin/accounts/user/"


def admin_client(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(response: Any) -> list[str]:
    assert response.status_code == 200, response
    return re.findall(r'field-username"><a[^>]*>([^<]+)<', response.content.decode())


def form_of(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser would post from a change form, with changes; None leaves a box unticked."""
    form = client.get(address).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    values = {name: value for name, value in values.items() if value not in (None, False) and name != "password"}
    return {name: value for name, value in (values | changes).items() if value is not None}
