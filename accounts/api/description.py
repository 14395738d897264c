"""What an operation of the API says about who may use it: in words, and as `x-` fields for programs."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from accounts.api.serializers import ProblemSerializer
from accounts.authentication import ApiKeyScheme
from accounts.permissions import download_permission
from accounts.roles import needed_permission, right_of

OWN_ACCOUNT = "own account"
NONE = "none"

Json = dict[str, Any]


class RoleSchema(AutoSchema):
    """Adds to every operation of every view what `accounts.permissions` will ask for."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation: Json | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        permission = self._permission()
        operation |= {"x-required-permission": permission, **self._facts(permission)}
        if sentence := self._sentence(permission):
            operation["description"] = f"{operation.get('description', '')}\n\n{sentence}".strip()
        if permission != NONE:
            self._refuse(operation, permission)
        return operation

    def _permission(self) -> str:
        if not self.view.authentication_classes:
            return NONE
        return needed_permission(self.view, self.method) or OWN_ACCOUNT

    def _facts(self, permission: str) -> Json:
        download = download_permission(self.view)
        facts: Json = {"x-download-permission": download} if download else {}
        if permission not in (NONE, OWN_ACCOUNT):
            right = right_of(permission)
            facts |= {"x-roles": [str(role) for role in right.roles], "x-key-scope": right.scope}
        return facts

    def _sentence(self, permission: str) -> str:
        if permission == NONE:
            return ""
        if permission == OWN_ACCOUNT:
            return "For any role, about the own account; not with an API key."
        sentence = f"For {_who(permission)}."
        if download := download_permission(self.view):
            sentence += f" For CSV and Parquet: {_who(download)}."
        return sentence

    def _refuse(self, operation: Json, permission: str) -> None:
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        content = {"application/json": {"schema": problem}}
        forbidden = {"content": content, "description": "The role, or the scopes of the API key, do not allow this."}
        operation["responses"].setdefault("403", forbidden)
        if permission == OWN_ACCOUNT:
            operation["security"] = [each for each in operation["security"] if ApiKeyScheme.name not in each]
        else:
            limited = {"content": content, "description": "The API key was used too often; see `Retry-After`."}
            operation["responses"].setdefault("429", limited)


def _who(permission: str) -> str:
    right = right_of(permission)
    return f"the roles {', '.join(right.roles)}, and API keys with the scope `{right.scope}`"
