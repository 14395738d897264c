"""The market's data, one view for each kind of question."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import answers
from analytics.api.base import DownloadView, MarketView
from analytics.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, RowsPagination
from analytics.api.parameters import (
    AdjustableRowsParameters,
    ComparisonParameters,
    CoverageParameters,
    PairsParameters,
    RangeParameters,
    RowsParameters,
    SymbolParameters,
    session_range,
)
from analytics.api.row_serializers import (
    IndicatorsPageSerializer,
    MeasureListSerializer,
    MovingAveragesPageSerializer,
    PairsPageSerializer,
    QualityPageSerializer,
    ReturnsPageSerializer,
    SeasonalityPageSerializer,
    VolatilityPageSerializer,
)
from analytics.api.schema import operation
from analytics.api.serializers import (
    ComparisonSerializer,
    DailyPageSerializer,
    HourlyPageSerializer,
    SessionsSerializer,
    StatusSerializer,
    SymbolDetailSerializer,
    SymbolListSerializer,
)
from analytics.measures import MEASURES
from analytics.queries.adjusted_rows import adjusted
from analytics.queries.adjustment import Basis
from analytics.queries.comparison import compare
from analytics.queries.daily import daily_rows
from analytics.queries.errors import SymbolUnknown
from analytics.queries.hourly import hourly_rows
from analytics.queries.minutes_measured import average_rows, indicator_rows, return_rows, seasonality_rows
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows
from analytics.queries.sessions import session_table
from analytics.queries.sessions_measured import pair_rows, quality_rows, volatility_rows
from analytics.queries.symbols import bars_view
from market.symbols import SymbolInvalid, parse_symbol

PAGING = [
    OpenApiParameter("page", int, description="Page of the rows, from 1. Downloads hold all rows."),
    OpenApiParameter("page_size", int, description=f"Rows a page, to {MAX_PAGE_SIZE}; default {DEFAULT_PAGE_SIZE}."),
]


class SymbolListView(MarketView):
    @operation("list_symbols", SymbolListSerializer, "Symbols that there are bars of")
    def get(self, request: Request) -> Response:
        return Response(answers.symbol_list(self.lake))


class SymbolView(MarketView):
    @operation("get_symbol", SymbolDetailSerializer, "One symbol and its tiles", parameters=[SymbolParameters])
    def get(self, request: Request, symbol: str) -> Response:
        adjustment = self.parameters(SymbolParameters)["adjustment"]
        return Response(answers.symbol_detail(self.lake, _path_symbol(self.lake, symbol), self.now, adjustment))


class SessionsView(MarketView):
    @operation("list_sessions", SessionsSerializer, "The exchange's sessions", parameters=[RangeParameters])
    def get(self, request: Request) -> Response:
        between = session_table().between(*session_range(self.parameters(RangeParameters)))
        return Response(answers.session_rows(between))


class ComparisonView(DownloadView):
    @operation(
        "compare_symbols",
        ComparisonSerializer,
        "Symbols side by side, in the minutes in which all of them traded",
        parameters=[ComparisonParameters],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        values = self.parameters(ComparisonParameters)
        first, last = session_range(values)
        symbols, adjustment = values["symbols"], values["adjustment"]
        comparison = compare(self.lake, symbols, first, last, self.now, values["timeframe"], adjustment=adjustment)
        if self.is_download:
            return self.download(answers.comparison_download(comparison))
        return Response(comparison.to_json())


class RowsView(DownloadView):
    """Rows of a derived table: a page of them, or all as a download."""

    parameters_of_rows: type[RangeParameters] = RowsParameters

    def rows(self, table: str, query: Callable[[LakeReader, Sequence[str], date, date], Rows]) -> Response:
        values = self.parameters(self.parameters_of_rows)
        symbols, (first, last) = values["symbols"], session_range(values)
        rows = query(self.lake, symbols, first, last)
        if "adjustment" in values:
            rows = adjusted(self.lake, rows, table, symbols, Basis(values["adjustment"], self.now), first)
        if self.is_download:
            return self.download(answers.rows_download(table, symbols, rows))
        return RowsPagination().page_of(rows, self.request)


class AdjustableRowsView(RowsView):
    parameters_of_rows = AdjustableRowsParameters


class DailyView(AdjustableRowsView):
    @operation(
        "list_daily",
        DailyPageSerializer,
        "Daily averages and OHLCV, newest first",
        parameters=[AdjustableRowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("daily", daily_rows)


class HourlyView(AdjustableRowsView):
    @operation(
        "list_hourly",
        HourlyPageSerializer,
        "Hourly averages and OHLCV, newest first",
        parameters=[AdjustableRowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("hourly", hourly_rows)


class VolatilityView(RowsView):
    @operation(
        "list_volatility",
        VolatilityPageSerializer,
        "Realised and range based volatility of each session, newest first",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("volatility", volatility_rows)


class QualityView(RowsView):
    @operation(
        "list_quality",
        QualityPageSerializer,
        "Which minutes of each session are there, newest first",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("quality", quality_rows)


class PairsView(RowsView):
    parameters_of_rows = PairsParameters

    @operation(
        "list_pairs",
        PairsPageSerializer,
        "How symbols moved together in each session, over the minutes that both have, newest first",
        parameters=[PairsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("pairs", pair_rows)


class IndicatorsView(AdjustableRowsView):
    @operation(
        "list_indicators",
        IndicatorsPageSerializer,
        "What technical analysis says of each minute, newest first; at most 12 months of a symbol at once",
        parameters=[AdjustableRowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("indicators", indicator_rows)


class ReturnsView(RowsView):
    @operation(
        "list_returns",
        ReturnsPageSerializer,
        "How the price moved from minute to minute, newest first; at most 12 months of a symbol at once",
        parameters=[RowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("returns", return_rows)


class MovingAveragesView(AdjustableRowsView):
    @operation(
        "list_moving_averages",
        MovingAveragesPageSerializer,
        "Moving averages of each minute, newest first; at most 12 months of a symbol at once",
        parameters=[AdjustableRowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("moving_averages", average_rows)


class SeasonalityView(AdjustableRowsView):
    @operation(
        "list_seasonality",
        SeasonalityPageSerializer,
        "What each minute of the session is usually like, by month",
        parameters=[AdjustableRowsParameters, *PAGING],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        return self.rows("seasonality", seasonality_rows)


class MeasuresView(MarketView):
    @operation("list_measures", MeasureListSerializer, "What every column of the derived tables means")
    def get(self, request: Request) -> Response:
        return Response({"results": [asdict(measure) for measure in MEASURES]})


class StatusView(MarketView):
    @operation(
        "get_status", StatusSerializer, "Market state, and how complete the bars are", parameters=[CoverageParameters]
    )
    def get(self, request: Request) -> Response:
        wanted = self.parameters(CoverageParameters).get("symbols")
        return Response(answers.status(self.lake, self.now, wanted))


def _path_symbol(reader: LakeReader, text: str) -> str:
    # An address that no symbol can have is as unknown as a symbol without bars.
    try:
        return parse_symbol(text)
    except SymbolInvalid as error:
        raise SymbolUnknown(text, list(bars_view(reader).months), "symbol") from error
