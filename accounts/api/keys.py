"""A person's API keys. No view here states a `required_permission`, so no key can make, list or revoke keys."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import keys
from accounts.api.serializers import ProblemSerializer
from accounts.dynamo.owned import LimitReached, NotThere
from accounts.keys import Key
from accounts.models import User
from accounts.roles import SCOPES, scopes_of
from accounts.text import plain_text

REFUSED = {
    400: OpenApiResponse(description="A field is wrong, its sentence under its name; or there are too many keys."),
    401: OpenApiResponse(ProblemSerializer, "Not signed in."),
    503: OpenApiResponse(ProblemSerializer, "Accounts cannot be reached; see `Retry-After`."),
}


class NewKeySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=keys.NAME_LENGTH, validators=[plain_text], help_text="What it is for.")
    scopes = serializers.MultipleChoiceField(
        choices=SCOPES,
        allow_empty=False,
        help_text="read: look. export: also CSV and Parquet. save: also watchlists and saved comparisons.",
    )
    expires_in_days = serializers.IntegerField(min_value=1, max_value=keys.MOST_DAYS, default=90)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        offered = scopes_of(self.context["user"].role)
        if beyond := sorted(set(scopes) - set(offered)):
            raise ValidationError(f"Your role does not allow {', '.join(beyond)}; it allows {', '.join(offered)}.")
        return [scope for scope in SCOPES if scope in scopes]


class KeySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins, to tell one from another.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(
        allow_null=True, help_text="Exact to five minutes; null for a key that was never used."
    )


class ShownKeySerializer(KeySerializer):
    key = serializers.CharField(help_text="Shown this once. Send it as `Authorization: Bearer …`.")


class KeyListSerializer(serializers.Serializer[Any]):
    results = KeySerializer(many=True)


class KeyListView(APIView):
    @extend_schema(
        operation_id="list_keys",
        summary="My API keys",
        responses={200: KeyListSerializer, 401: REFUSED[401], 503: REFUSED[503]},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [key_json(key) for key in keys.find_all(cast(User, request.user).uid)]})

    @extend_schema(
        operation_id="create_key",
        summary="Make an API key",
        request=NewKeySerializer,
        responses={201: ShownKeySerializer, **REFUSED},
    )
    def post(self, request: Request) -> Response:
        user = cast(User, request.user)
        wanted = NewKeySerializer(data=request.data, context={"user": user})
        wanted.is_valid(raise_exception=True)
        name, scopes, days = (wanted.validated_data[field] for field in ("name", "scopes", "expires_in_days"))
        try:
            key, text = keys.create(user, name=name, scopes=scopes, days=days, now=int(time.time()))
        except LimitReached as error:
            raise too_many(error, "API keys") from error
        return Response({**key_json(key), "key": text}, status=201, headers={"Cache-Control": "no-store"})


class KeyView(APIView):
    @extend_schema(
        operation_id="revoke_key",
        summary="Revoke an API key, at once",
        responses={
            204: None,
            401: REFUSED[401],
            404: OpenApiResponse(ProblemSerializer, "You have no such key."),
            503: REFUSED[503],
        },
    )
    def delete(self, request: Request, key_id: str) -> Response:
        try:
            keys.revoke(cast(User, request.user), key_id)
        except NotThere as error:
            raise NotFound("You have no such API key.") from error
        return Response(status=204)


def too_many(error: LimitReached, things: str) -> ValidationError:
    detail = f"You have {error.limit} {things}, as many as there can be. Remove one first."
    return ValidationError({"detail": detail, "code": "too_many"})


def key_json(key: Key) -> dict[str, Any]:
    times = ("created_at", "expires_at", "used_at")
    values = asdict(key)
    return values | {name: instant(values[name]) for name in times}


def instant(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
