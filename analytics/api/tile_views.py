"""Tiles: plain views that check the bearer and hand out stored bytes.

They do not go through REST framework, which costs more than all the rest of the answer. `TileOperation` describes them
to the OpenAPI schema.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.api.base import accepts, etag_matches
from analytics.api.errors import error_answer
from analytics.api.schema import operation
from analytics.api.serializers import TileSerializer
from analytics.queries.adjustment import AS_TRADED, Adjustment, Basis
from analytics.queries.errors import ChoiceUnknown, QueryError
from analytics.queries.reader import LakeReader, configured_reader
from analytics.queries.tiles import EncodedBytes, Tile, TileStore, is_closed
from market.lake.tables import LakeUnreachable

IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
# Said here, so that no middleware has to work it out for every tile.
POLICY = "default-src 'none'; frame-ancestors 'none'"
_METHODS = ("GET", "HEAD")
# The first of each is the default.
_PHASES = ("regular", "all")
_ADJUSTMENTS = tuple(each.value for each in Adjustment)


@lru_cache(maxsize=4)
def _store_of(reader: LakeReader) -> TileStore:
    return TileStore(reader, settings.VAR_DIR / "tiles")


def bar_tile(request: HttpRequest, symbol: str, month: str) -> HttpResponse:
    return _answer(request, "bars", symbol, month)


def average_tile(request: HttpRequest, symbol: str, month: str) -> HttpResponse:
    return _answer(request, "moving_averages", symbol, month)


def _answer(request: HttpRequest, table: str, symbol: str, month: str) -> HttpResponse:
    if request.method not in _METHODS:
        return _refusal(
            405, f"{request.method} is not possible here; use GET.", "method_not_allowed", Allow="GET, HEAD"
        )
    # Below /api/ this is the bearer, known by the token's signature alone.
    if not request.user.is_authenticated:
        sentence = "Sign in, then send the access token as Authorization: Bearer."
        return _refusal(401, sentence, "not_authenticated", **{"WWW-Authenticate": 'Bearer realm="api"'})
    if not request.user.has_perm(TileOperation.required_permission):
        return _refusal(403, "Your role or your API key does not allow to see prices.", "forbidden")
    try:
        all_phases = _choice(request, "phases", _PHASES) == "all"
        tile = _store_of(configured_reader()).tile(table, symbol.upper(), month, _basis(request), all_phases=all_phases)
    except (QueryError, LakeUnreachable) as error:
        answer = error_answer(error)
        assert answer is not None  # noqa: S101  # error_answer knows both classes
        return JsonResponse(answer.body, status=answer.status, headers=answer.headers)
    return _bytes_response(request, tile, _cache_control(request, tile, month))


def _basis(request: HttpRequest) -> Basis:
    """Return what the request wants prices to be on. Raises ChoiceUnknown."""
    adjustment = _choice(request, "adjustment", _ADJUSTMENTS)
    return AS_TRADED if adjustment == Adjustment.RAW else Basis(Adjustment(adjustment), datetime.now(UTC))


def _choice(request: HttpRequest, name: str, choices: Sequence[str]) -> str:
    """Return a query parameter, by default the first choice. Raises ChoiceUnknown."""
    given = request.GET.get(name)
    if given is None:
        return choices[0]
    if given not in choices:
        raise ChoiceUnknown(name, given, choices)
    return given


def _cache_control(request: HttpRequest, tile: Tile, month: str) -> str:
    if request.GET.get("v") == tile.version and is_closed(month, datetime.now(UTC)):
        return IMMUTABLE
    return REVALIDATE


def _bytes_response(request: HttpRequest, tile: Tile, cache_control: str) -> HttpResponse:
    encoded = _chosen(request.headers.get("Accept-Encoding", ""), tile)
    headers = {
        "ETag": encoded.etag,
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": POLICY,
    }
    if etag_matches(request.headers.get("If-None-Match", ""), encoded.etag):
        return HttpResponse(status=304, headers=headers)
    if encoded.encoding:
        headers["Content-Encoding"] = encoded.encoding
    return HttpResponse(encoded.content, content_type="application/json", headers=headers)


def _chosen(accept_encoding: str, tile: Tile) -> EncodedBytes:
    if accepts(accept_encoding, "br"):
        return tile.brotli
    return tile.gzip if accepts(accept_encoding, "gzip") else tile.identity()


def _refusal(status: int, sentence: str, code: str, **headers: str) -> HttpResponse:
    return JsonResponse({"detail": sentence, "code": code}, status=status, headers=headers)


class TileOperation(APIView):
    """Stands in for a tile view where the OpenAPI schema is made; it never answers a request."""

    required_permission = "analytics.view_prices"

    def get(self, request: Request, symbol: str, month: str) -> Response:
        raise NotImplementedError


_VERSION = OpenApiParameter(
    "v", str, description="The version from the symbol's list of tiles; makes the answer immutable."
)
_ADJUSTMENT = OpenApiParameter(
    "adjustment",
    str,
    enum=_ADJUSTMENTS,
    default=Adjustment.RAW.value,
    description=(
        "raw is as traded; split and all put prices on today's basis: adjusted for splits, or for dividends too. "
        "Adjusted prices are rounded to 6 decimals, volumes to whole shares. The provenance names the events; where "
        "none applies to the month the answer is the raw tile. Versions of adjusted tiles change with their events."
    ),
)


class BarTileOperation(TileOperation):
    @operation(
        "get_bar_tile",
        TileSerializer,
        "Bars of one symbol and month, as delta columns",
        tag="tiles",
        parameters=[
            _VERSION,
            _ADJUSTMENT,
            OpenApiParameter("phases", str, enum=_PHASES, description="all adds pre, auction and post bars."),
        ],
    )
    def get(self, request: Request, symbol: str, month: str) -> Response:
        return super().get(request, symbol, month)


class AverageTileOperation(TileOperation):
    @operation(
        "get_moving_average_tile",
        TileSerializer,
        "Moving averages of one symbol and month, as delta columns",
        tag="tiles",
        parameters=[_VERSION, _ADJUSTMENT],
    )
    def get(self, request: Request, symbol: str, month: str) -> Response:
        return super().get(request, symbol, month)


def described_by(view: Callable[..., Any], operation_class: type[APIView]) -> Callable[..., Any]:
    """Let the schema generator take `view` for an API view of this class."""
    vars(view).update(cls=operation_class, initkwargs={})
    return view
