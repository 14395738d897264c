"""The body of every failed API answer: `detail` is a sentence, `code` a word for programs."""

from typing import Any

from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from accounts.errors import RETRY_AFTER_SECONDS, StoreUnavailable
from accounts.limits import TooMany
from accounts.unavailable import body


class Locked(APIException):
    status_code = 429
    default_code = "locked"
    default_detail = "Too many attempts. Try again later."

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, StoreUnavailable):
        return Response(body(), status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    if isinstance(error, TooMany):
        body_429 = {"detail": str(error), "code": "too_many"}
        return Response(body_429, status=429, headers={"Retry-After": str(error.retry_after)})
    response = drf_exception_handler(error, context)
    detail = response.data.get("detail") if response is not None and isinstance(response.data, dict) else None
    if response is not None and isinstance(detail, ErrorDetail):
        response.data.setdefault("code", detail.code)
    return response
