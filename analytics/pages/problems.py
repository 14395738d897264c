"""Pages for what cannot be shown: one sentence and one action each."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analytics.api.errors import RETRY_AFTER_SECONDS
from analytics.pages.choices import ChoiceInvalid
from analytics.queries.errors import NoBars, NotProcessed, QueryError
from market.lake.tables import LakeUnreachable

View = Callable[..., HttpResponse]


def explain_problems(view: View) -> View:
    """Let a page's view raise what its queries raise; the reader gets a sentence instead of a fault."""

    @wraps(view)
    def explained(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ChoiceInvalid as error:
            return _problem(request, 400, "This cannot be shown", str(error))
        except NoBars:
            return render(request, "pages/no_bars.html")
        except NotProcessed as error:
            return _problem(request, 200, "Not processed yet", str(error))
        except QueryError as error:
            return _problem(request, 404, "There is no such data", str(error))
        except LakeUnreachable:
            response = render(request, "pages/lake_unreachable.html", status=503)
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return response

    return explained


def _problem(request: HttpRequest, status: int, heading: str, sentence: str) -> HttpResponse:
    return render(request, "pages/problem.html", {"heading": heading, "sentence": sentence}, status=status)
