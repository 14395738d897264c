"""What was noticed when bars arrived: findings of the checks, corrections, splits and dividends."""

from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api.parameters import RowsParameters
from analytics.api.row_serializers import ActionsPageSerializer, CorrectionsPageSerializer, FindingsPageSerializer
from analytics.api.schema import operation
from analytics.api.views import PAGING, RowsView
from analytics.queries.arrivals import action_rows, correction_rows, finding_rows


class FindingsView(RowsView):
    @operation(
        "list_findings",
        FindingsPageSerializer,
        "What is doubtful about sessions, newest first",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("findings", finding_rows)


class CorrectionsView(RowsView):
    @operation(
        "list_corrections",
        CorrectionsPageSerializer,
        "Bars that a later reply changed, added late or withdrew, newest first",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("corrections", correction_rows)


class ActionsView(RowsView):
    @operation(
        "list_actions",
        ActionsPageSerializer,
        "Splits and dividends, newest first",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("actions", action_rows)
