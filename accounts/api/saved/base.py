"""What the views of everything that a person saves share: who owns it, how large it may be, what its refusals mean."""

import re
import time
from typing import Any, ClassVar, cast

from django.urls import reverse
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts import saved
from accounts.api.keys import instant, too_many
from accounts.dynamo.owned import AlreadyThere, LimitReached, NotThere, OwnerGone, Stale
from accounts.dynamo.store import Item
from accounts.models import User
from accounts.permissions import refusal
from accounts.roles import SAVE, SHARE, VIEW, right_of
from accounts.saved import COMPARISON, Kind

LARGEST_BODY = 64 * 1024
REPEAT_KEY = "Idempotency-Key"
_REPEAT_KEY = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"Send at most {LARGEST_BODY // 1024} KB."


class Conflict(APIException):
    status_code = 409


class SavedView(APIView):
    """A view of one kind of thing. `body` checks a new one, `change` one to put over another."""

    required_permission: ClassVar = {"GET": VIEW, "POST": SAVE, "PUT": SAVE, "DELETE": SAVE}
    kind: Kind
    body: type[Serializer[Any]]
    change: type[Serializer[Any]]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge
        self.now = int(time.time())
        self.owner = cast(User, request.user)

    def checked(self, serializer: type[Serializer[Any]]) -> Item:
        """Return what was sent, as it is stored. Raises ValidationError, PermissionDenied."""
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        body: Item = dict(sent.validated_data)
        if body.get("shared") and not self.owner.has_perm(SHARE):
            raise refusal(self.owner, right_of(SHARE))
        return body

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            detail = f"This {self.kind.name} was changed meanwhile. Load it again, then make your change."
            return Response({"detail": detail, "code": "stale", "current": to_json(self.kind, exc.row)}, status=409)
        return super().handle_exception(self._meaning(exc))

    def _meaning(self, error: Exception) -> Exception:
        one = self.kind.name
        if isinstance(error, NotThere):
            return NotFound(f"You have no such {one}.")
        if isinstance(error, LimitReached):
            return too_many(error, self.kind.plural)
        if isinstance(error, AlreadyThere):
            return Conflict(f"This {REPEAT_KEY} was sent before with another {one}. Send a new one.", "key_reused")
        return NotAuthenticated() if isinstance(error, OwnerGone) else error


class SavedListView(SavedView):
    """All of one kind, and a new one."""

    def get(self, request: Request) -> Response:
        rows = saved.find_all(self.owner.uid, self.kind)
        return Response({"results": [to_json(self.kind, row) for row in rows]})

    def post(self, request: Request) -> Response:
        key = request.headers.get(REPEAT_KEY, "")
        if key and not _REPEAT_KEY.fullmatch(key):
            raise ValidationError({REPEAT_KEY: ["Use 1 to 100 letters, digits and the signs . : _ -"]})
        row = saved.create(self.owner, self.kind, self.checked(self.body), repeat_key=key, now=self.now)
        answer = to_json(self.kind, row)
        return Response(answer, status=201, headers={"Location": f"{request.path}{answer['id']}/"})


class SavedOneView(SavedView):
    """One thing: read, put another over it, remove."""

    def get(self, request: Request, thing_id: str) -> Response:
        return Response(to_json(self.kind, saved.get(self.owner.uid, self.kind, thing_id)))

    def put(self, request: Request, thing_id: str) -> Response:
        body = self.checked(self.change)
        version = body.pop("version")
        row = saved.replace(self.owner.uid, self.kind, thing_id, body, version=version, now=self.now)
        return Response(to_json(self.kind, row))

    def delete(self, request: Request, thing_id: str) -> Response:
        saved.delete(self.owner.uid, self.kind, thing_id)
        return Response(status=204)


def to_json(kind: Kind, row: Item) -> dict[str, Any]:
    answer = {
        "id": saved.id_of(row),
        **kind.whole(row["body"]),
        "version": int(row["version"]),
        "created_at": instant(int(row["created_at"])),
        "updated_at": instant(int(row["updated_at"])),
    }
    if kind is COMPARISON:
        address = reverse("shared-comparison", args=[row["uid"], answer["id"]])
        answer["shared_url"] = address if answer["shared"] else None
    return answer
