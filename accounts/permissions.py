"""Whether a request to the API may do what the view says it needs."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.roles import Right, needed_permission, right_of


def download_permission(view: Any) -> str:
    """Return what a view's formats other than JSON need beyond `required_permission`, or ""."""
    return getattr(view, "download_permission", "")


class RolePermission(BasePermission):
    """The default of every API view: signed in, with a role that includes what the view says it needs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        needed = [needed_permission(view, request.method or "GET")]
        if request.accepted_renderer.format != "json":
            needed.append(download_permission(view))
        for permission in filter(None, needed):
            if not request.user.has_perm(permission):
                raise refusal(request.user, right_of(permission))
        return True


def refusal(user: Any, right: Right) -> PermissionDenied:
    """Return the 403 that says what is missing: a scope of the API key, or a role."""
    if user.role in right.roles or getattr(user, "is_superuser", False):
        return PermissionDenied(
            f"This API key has not the scope {right.scope}. Create one that has it.", "scope_insufficient"
        )
    return PermissionDenied(
        f"To {right.words} you need the role {' or '.join(right.roles)}; yours is {user.role}. Ask an administrator.",
        "role_insufficient",
    )
