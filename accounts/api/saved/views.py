"""Watchlists and saved comparisons of the caller. A stranger's is as absent as one that there never was."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts import saved
from accounts.api.saved.base import REPEAT_KEY, SavedListView, SavedOneView, SavedView, to_json
from accounts.api.saved.shapes import (
    ComparisonBodySerializer,
    ComparisonChangeSerializer,
    SavedComparisonListSerializer,
    SavedComparisonSerializer,
    WatchlistBodySerializer,
    WatchlistChangeSerializer,
    WatchlistListSerializer,
    WatchlistSerializer,
)
from accounts.api.serializers import ProblemSerializer
from accounts.roles import VIEW
from accounts.saved import COMPARISON, WATCHLIST, Kind

_REPEAT = OpenApiParameter(
    REPEAT_KEY,
    str,
    OpenApiParameter.HEADER,
    description="Any word of yours. A request sent again with it, such as after a lost reply, is done once.",
)
_BAD = OpenApiResponse(description="A field is wrong, its sentence under its name; or there are too many.")
_ABSENT = OpenApiResponse(ProblemSerializer, "You have no such thing.")
_LARGE = OpenApiResponse(ProblemSerializer, "The body is too large.")
_STALE = OpenApiResponse(description="Changed meanwhile: `code` is `stale`, and `current` is what is there.")
_REUSED = OpenApiResponse(ProblemSerializer, f"The {REPEAT_KEY} was sent before with another body.")
_ALWAYS = {
    401: OpenApiResponse(ProblemSerializer, "Not signed in."),
    503: OpenApiResponse(ProblemSerializer, "Accounts cannot be reached; see `Retry-After`."),
}
Shape = type[Serializer[Any]]


def _described_list(kind: Kind, name: str, body: Shape, one: Shape, many: Shape) -> Any:
    post_answers = {201: one, 400: _BAD, 409: _REUSED, 413: _LARGE, **_ALWAYS}
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"list_{name}s", summary=f"My {kind.plural}", responses={200: many, **_ALWAYS}, tags=["saved"]
        ),
        post=extend_schema(
            operation_id=f"create_{name}",
            summary=f"Save a {kind.name}",
            description=f"At most {kind.most}.",
            request=body,
            responses=post_answers,
            parameters=[_REPEAT],
            tags=["saved"],
        ),
    )


def _described_one(kind: Kind, name: str, change: Shape, one: Shape) -> Any:
    common = {404: _ABSENT, **_ALWAYS}
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"get_{name}", summary=f"One {kind.name}", responses={200: one, **common}, tags=["saved"]
        ),
        put=extend_schema(
            operation_id=f"replace_{name}",
            summary=f"Change a {kind.name}",
            description="Send it whole, with the `version` that you have seen.",
            request=change,
            responses={200: one, 400: _BAD, 409: _STALE, 413: _LARGE, **common},
            tags=["saved"],
        ),
        delete=extend_schema(
            operation_id=f"delete_{name}",
            summary=f"Remove a {kind.name}",
            responses={204: None, **common},
            tags=["saved"],
        ),
    )


@_described_list(WATCHLIST, "watchlist", WatchlistBodySerializer, WatchlistSerializer, WatchlistListSerializer)
class WatchlistListView(SavedListView):
    kind = WATCHLIST
    body = WatchlistBodySerializer


@_described_one(WATCHLIST, "watchlist", WatchlistChangeSerializer, WatchlistSerializer)
class WatchlistView(SavedOneView):
    kind = WATCHLIST
    change = WatchlistChangeSerializer


@_described_list(
    COMPARISON,
    "saved_comparison",
    ComparisonBodySerializer,
    SavedComparisonSerializer,
    SavedComparisonListSerializer,
)
class ComparisonListView(SavedListView):
    kind = COMPARISON
    body = ComparisonBodySerializer


@_described_one(COMPARISON, "saved_comparison", ComparisonChangeSerializer, SavedComparisonSerializer)
class ComparisonView(SavedOneView):
    kind = COMPARISON
    change = ComparisonChangeSerializer


class SharedComparisonView(SavedView):
    required_permission: ClassVar = {"GET": VIEW}
    kind = COMPARISON

    @extend_schema(
        operation_id="get_shared_comparison",
        summary="A comparison that its owner shares",
        responses={200: SavedComparisonSerializer, 404: _ABSENT, **_ALWAYS},
        tags=["saved"],
    )
    def get(self, request: Request, owner: str, thing_id: str) -> Response:
        return Response(to_json(self.kind, saved.get_shared(owner, thing_id)))
