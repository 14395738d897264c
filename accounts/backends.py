"""Who a name and a password belong to, and which permissions a user has."""

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest

from accounts import audit, lockout
from accounts.dynamo.queryset import DynamoQuerySet
from accounts.fields import canonical
from accounts.models import User
from accounts.roles import Role, permissions_of


class DynamoBackend(ModelBackend):
    """Sign in by name or e-mail address, with the attempt reserved first; permissions by role, from no SQL table."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the active user these belong to, or None.

        Raises PermissionDenied when the name or the address has no attempt left; `request.sign_in_retry_after` then
        has the seconds to wait. Raises StoreUnavailable when DynamoDB does not answer: a fault is no wrong password.
        """
        identifier = kwargs.get(User.USERNAME_FIELD) if username is None else username
        if identifier is None or password is None:
            return None
        user = User.objects.find_by_identifier(identifier)
        # By the name that the identifier led to: two ways to one account share one count.
        name = user.username if user else canonical(identifier)[:254]
        attempt = lockout.reserve(name, lockout.client_address(request))
        if attempt.retry_after:
            if request is not None:
                request.sign_in_retry_after = attempt.retry_after  # type: ignore[attr-defined]  # read by the views
            raise PermissionDenied("Too many attempts.")
        if not self._is_right(user, password):
            audit.log("sign_in_failed", name)
            return None
        attempt.succeeded()
        return user

    def _is_right(self, user: User | None, password: str) -> bool:
        if user is None:
            # The same work as for a user that exists, so the time of the answer does not tell.
            User().set_password(password)
            return False
        return user.check_password(password) and self.user_can_authenticate(user)

    async def aauthenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:  # type: ignore[override]  # one way in, also when awaited
        from asgiref.sync import sync_to_async

        return await sync_to_async(self.authenticate)(request, **kwargs)

    def _get_user_permissions(self, user_obj: User) -> Any:
        return Permission.objects.none()

    _get_group_permissions = _get_user_permissions

    def _get_permissions(self, user_obj: Any, obj: Any, from_name: str) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None or from_name == "group":
            return set()
        if user_obj.is_superuser:
            names = Permission.objects.values_list("content_type__app_label", "codename").order_by()
            return {f"{app}.{codename}" for app, codename in names} | permissions_of(Role.ADMIN)
        return set(permissions_of(user_obj.role))

    def with_perm(
        self,
        perm: str | Permission,
        is_active: bool | None = True,
        include_superusers: bool = True,
        obj: Any = None,
    ) -> DynamoQuerySet:
        """Return the users whose role has a permission."""
        if obj is not None:
            return cast(DynamoQuerySet, User.objects.none())
        if isinstance(perm, Permission):
            perm = f"{perm.content_type.app_label}.{perm.codename}"
        condition = Q(role__in=[role for role in Role if perm in permissions_of(role)])
        if include_superusers:
            condition |= Q(is_superuser=True)
        if is_active is not None:
            condition &= Q(is_active=is_active)
        return cast(DynamoQuerySet, User.objects.filter(condition))
