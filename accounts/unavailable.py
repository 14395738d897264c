"""The answer when DynamoDB does not answer (503) and when something was asked for too often (429), with Retry-After.

As a page or as JSON. The page of a 503 looks at no user.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error as django_server_error

from accounts.errors import RETRY_AFTER_SECONDS, StoreUnavailable
from accounts.limits import TooMany

SENTENCE = "Accounts cannot be reached at the moment. Try again in a few seconds."


def body() -> dict[str, str]:
    return {"detail": SENTENCE, "code": "accounts_unavailable"}


def unavailable(request: HttpRequest) -> HttpResponse:
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/"):
        return JsonResponse(body(), status=503, headers=retry)
    # Without the request no context processor runs, so nothing asks again who the user is.
    page = render_to_string("503.html", {"sentence": SENTENCE})
    return HttpResponse(page, status=503, headers=retry)


def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    retry = {"Retry-After": str(error.retry_after), "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": str(error), "code": "too_many"}, status=429, headers=retry)
    response = render(request, "429.html", {"sentence": str(error)}, status=429)
    for name, value in retry.items():
        response[name] = value
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The site's handler500: what goes wrong inside a middleware or an error page reaches no process_exception."""
    error = sys.exc_info()[1]
    if isinstance(error, StoreUnavailable):
        return unavailable(request)
    if isinstance(error, TooMany):
        return too_many(request, error)
    return django_server_error(request)
