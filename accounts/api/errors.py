"""The body of every failed API answer: `detail` is a sentence, `code` a word for programs."""

from typing import Any

from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from accounts.errors import RETRY_AFTER_SECONDS, StaleUser, StoreUnavailable
from accounts.limits import TooMany
from accounts.links import LinkInvalid
from accounts.people.leaving import LastSuperuser
from accounts.people.sign_up import AddressNotConfirmed, SignUpClosed
from accounts.unavailable import body

REFUSALS: dict[type[Exception], tuple[int, str, str]] = {
    LinkInvalid: (410, "link_invalid", "This link was used, is too old, or something has changed since. Ask again."),
    SignUpClosed: (403, "sign_up_closed", "An account here needs an invitation or an administrator."),
    AddressNotConfirmed: (403, "address_not_confirmed", "Confirm an e-mail address first: ask for a sign-up with it."),
    StaleUser: (409, "changed_meanwhile", "The account was changed elsewhere in this moment. Send it again."),
    LastSuperuser: (409, "last_superuser", "You are the last active superuser. Make somebody else one first."),
}


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
    if refusal := REFUSALS.get(type(error)):
        status, code, detail_of = refusal
        return Response({"detail": detail_of, "code": code}, status=status)
    response = drf_exception_handler(error, context)
    detail = response.data.get("detail") if response is not None and isinstance(response.data, dict) else None
    if response is not None and isinstance(detail, ErrorDetail):
        response.data.setdefault("code", detail.code)
    return response
