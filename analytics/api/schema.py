"""The pieces of the OpenAPI description that several operations share."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema

from analytics.api.serializers import ErrorSerializer, Schema

View = TypeVar("View", bound=Callable[..., Any])

_REFUSALS = {
    304: OpenApiResponse(description="The client has this answer already (If-None-Match)."),
    400: OpenApiResponse(ErrorSerializer, "A parameter is wrong; the sentence is under its name."),
    401: OpenApiResponse(ErrorSerializer, "Nobody is signed in, or the token has expired."),
    404: OpenApiResponse(
        ErrorSerializer, "There is no such data; `code` says what is missing and `detail` what to do."
    ),
    503: OpenApiResponse(ErrorSerializer, "The lake cannot be read; try again after Retry-After seconds."),
}


def operation(
    name: str, answer: type[Schema], summary: str, *, tag: str = "market", downloads: bool = False, **kwargs: Any
) -> Callable[[View], View]:
    """Describe a GET operation with its answer and every refusal."""
    answers: dict[Any, Any] = {200: answer, **_REFUSALS}
    if downloads:
        # Whatever format was asked for, a refusal is JSON.
        refusals = {(status, "application/json"): _REFUSALS[status] for status in _REFUSALS if status >= 400}
        answers = {
            304: _REFUSALS[304],
            **refusals,
            (200, "application/json"): answer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        }
    return extend_schema(
        operation_id=name, summary=summary, description=f"{summary}.", tags=[tag], responses=answers, **kwargs
    )
