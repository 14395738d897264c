"""Pages of rows; a page or a size that cannot be is refused, not corrected."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.queries.rows import Rows

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


class RowsPagination(PageNumberPagination):
    page_size = DEFAULT_PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(DEFAULT_PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MAX_PAGE_SIZE):
            raise ValidationError({"page_size": [f"Write a whole number from 1 to {MAX_PAGE_SIZE}."]})
        return int(text)

    def page_of(self, rows: Rows, request: Request) -> Response:
        """Answer with the page that the request names. Raises ValidationError, NotFound."""
        try:
            results = self.paginate_queryset(rows, request)
        except NotFound as error:
            raise NotFound({"page": [f"There is no such page of these {len(rows)} rows; start with 1."]}) from error
        answer: dict[str, Any] = {
            "count": len(rows),
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "results": results,
            "provenance": rows.provenance.to_json(),
        }
        return Response(answer)
