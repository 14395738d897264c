"""What is kept about a person: all of it to take away, and all of it deleted."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q

from accounts import audit, limits, personal_data
from accounts.dynamo import families
from accounts.models import User
from accounts.people import passwords

KEPT = ("username", "uid", "email", "first_name", "last_name", "role", "is_staff", "is_superuser", "is_active",
        "date_joined", "last_login")  # fmt: skip
EXPORTS_PER_HOUR = 10


class LastSuperuser(Exception):
    """Nobody could administer the site without this user."""


def is_last_superuser(user: User) -> bool:
    """Say whether nobody could administer the site without this user. Reads the list of users."""
    if not (user.is_superuser and user.is_active):
        return False
    return not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists()


def export(user: User, *, now: datetime) -> dict[str, Any]:
    """Return all that is kept about a user, without hashes and tokens. Raises TooMany."""
    limits.reserve("export", user.uid, limit=EXPORTS_PER_HOUR, now=now.timestamp())
    parts = personal_data.export_all(user.uid)
    audit.log("data_exported", user.username)
    return {
        "exported_at": now,
        "account": {name: getattr(user, name) for name in KEPT},
        "sign_ins": [_sign_in(row) for row in families.list_families(user.uid)],
        "administration": _log(user),
        **parts,
    }


def _sign_in(row: dict[str, Any]) -> dict[str, Any]:
    names = ("created_at", "rotated_at", "expires_at", "device", "address")
    found = {name: row.get(name) for name in names}
    # Epoch seconds and an aware datetime: all become instants.
    return {name: _instant(value) if name.endswith("_at") else value for name, value in found.items()}


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromtimestamp(int(value), UTC)


def _log(user: User) -> list[dict[str, Any]]:
    """What this user did in the admin site, and what was done there to this user."""
    about = Q(object_id=user.username, content_type__app_label="accounts", content_type__model="user")
    entries = LogEntry.objects.filter(Q(user_id=user.username) | about, action_time__gte=user.date_joined)
    return [
        {
            "at": entry.action_time,
            "by": entry.user_id,
            "object": entry.object_repr,
            "change": entry.get_change_message(),
        }
        for entry in entries.order_by("action_time")
    ]


def delete(user: User, password: str, *, address: str) -> None:
    """Delete a user and all that it owns. Raises WrongPassword, TooMany and LastSuperuser."""
    passwords.confirm(user, password, address=address)
    if is_last_superuser(user):
        raise LastSuperuser
    audit.log("account_deleted", user.username)
    user.delete()
