"""What each role may do, stated once: the API, the pages, the admin site and docs/roles.md take it from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    ANALYST = "analyst", "Analyst"
    ADMIN = "admin", "Administrator"


ANYBODY = (Role.VIEWER, Role.ANALYST, Role.ADMIN)
ANALYSTS = (Role.ANALYST, Role.ADMIN)
ADMINS = (Role.ADMIN,)

VIEW = "analytics.view_prices"
EXPORT = "analytics.export_prices"
SAVE = "analytics.save_comparison"
SHARE = "analytics.share_comparison"


@dataclass(frozen=True)
class Right:
    """A permission that roles have. `scope` is the scope of API keys that carries it; "" means that none does."""

    permission: str
    words: str
    roles: tuple[Role, ...]
    scope: str = ""


RIGHTS = (
    Right(
        VIEW, "see prices, comparisons, averages and how complete they are; read what one has saved", ANYBODY, "read"
    ),
    Right(EXPORT, "take rows away as CSV or Parquet", ANALYSTS, "export"),
    Right(SAVE, "keep watchlists and comparisons", ANALYSTS, "save"),
    Right(SHARE, "let other signed-in people read a saved comparison", ANALYSTS, "save"),
    Right("accounts.*", "manage users", ADMINS),
    Right("django_q.*", "manage schedules", ADMINS),
    Right("stockcompare.*", "see job runs and start jobs", ADMINS),
    Right("market.*", "manage data", ADMINS),
    Right("admin.view_logentry", "see what was changed in the admin site, and by whom", ADMINS),
)
SCOPES = tuple(dict.fromkeys(right.scope for right in RIGHTS if right.scope))


@cache
def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions of a role; none for a role that there is not. Needs the app registry to be ready."""
    return frozenset(name for right in RIGHTS if role in right.roles for name in _names(right.permission))


def permissions_of_scopes(scopes: list[str]) -> frozenset[str]:
    """Return what a key with these scopes may do at most. Every key may read, or it could not name what it saves."""
    return frozenset(right.permission for right in RIGHTS if right.scope in {"read", *scopes})


def scopes_of(role: str) -> list[str]:
    """Return the scopes that do something for a role."""
    return [scope for scope in SCOPES if any(right.scope == scope and role in right.roles for right in RIGHTS)]


def needed_permission(view: Any, method: str) -> str:
    """Return what a view states as `required_permission`: one for all methods, or one for each (others as GET).

    "" means that the view is about the caller's own account: any role may, an API key may not.
    """
    stated: str | Mapping[str, str] = getattr(view, "required_permission", "")
    return stated if isinstance(stated, str) else stated.get(method, stated["GET"])


def right_of(permission: str) -> Right:
    return next(right for right in RIGHTS if right.permission == permission)


def _names(permission: str) -> set[str]:
    """Spell out `app.*`: every permission of every model of the app."""
    from django.apps import apps
    from django.contrib.auth import get_permission_codename

    label, _, name = permission.partition(".")
    if name != "*":
        return {permission}
    metas = [model._meta for model in apps.get_app_config(label).get_models()]
    stock = {get_permission_codename(action, meta) for meta in metas for action in meta.default_permissions}
    own = {str(permission[0]) for meta in metas for permission in meta.permissions}
    return {f"{label}.{codename}" for codename in stock | own}
