"""What belongs to the API as a whole: the body of every failure, and the OpenAPI description."""

from typing import Any

from drf_spectacular.views import SpectacularYAMLAPIView
from rest_framework.response import Response

from accounts.api.errors import exception_handler as accounts_exception_handler
from analytics.api.errors import error_answer


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer for an anticipated error; None lets it become a 500."""
    answer = error_answer(error)
    if answer is not None:
        return Response(answer.body, status=answer.status, headers=answer.headers)
    return accounts_exception_handler(error, context)


class SchemaView(SpectacularYAMLAPIView):
    """The OpenAPI description, open to everybody: it holds no market data."""

    authentication_classes = ()
    permission_classes = ()
