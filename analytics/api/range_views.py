"""Questions about a range that a person chose, worked out when they are asked."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import range_answers as answers
from analytics.api.base import DownloadView
from analytics.api.parameters import (
    PairRangeParameters,
    PairSeriesParameters,
    ProfileParameters,
    StatisticsParameters,
)
from analytics.api.range_serializers import (
    PairRangeSerializer,
    PairSeriesSerializer,
    StatisticsSerializer,
    VolumeProfileSerializer,
)
from analytics.api.schema import operation
from analytics.queries.adjustment import Basis
from analytics.queries.pair_range import pair_range
from analytics.queries.pair_series import pair_series
from analytics.queries.statistics import range_statistics
from analytics.queries.volume_profiles import symbol_profile


class RangeView(DownloadView):
    """What is worked out over a range: on today's basis unless asked otherwise, as a split is no loss."""

    def basis(self, values: dict[str, Any]) -> Basis:
        return Basis(values["adjustment"], self.now)


class StatisticsView(RangeView):
    @operation(
        "get_statistics",
        StatisticsSerializer,
        "Return, risk and drawdown of symbols between two sessions or instants, and of each against a benchmark",
        parameters=[StatisticsParameters],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        values = self.parameters(StatisticsParameters)
        statistics = range_statistics(
            self.lake, values["symbols"], values["span"], self.basis(values), values["benchmark"], values["risk_free"]
        )
        if self.is_download:
            return self.download(answers.statistics_download(statistics))
        return Response(statistics.to_json())


class PairView(RangeView):
    @operation(
        "get_pair",
        PairRangeSerializer,
        "How any two symbols moved together over a range, and whether their prices stay together",
        parameters=[PairRangeParameters],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        values = self.parameters(PairRangeParameters)
        pair = pair_range(self.lake, values["symbols"], values["span"], self.basis(values))
        if self.is_download:
            return self.download(answers.pair_download(pair))
        return Response(pair.to_json())


class PairSeriesView(RangeView):
    @operation(
        "get_pair_series",
        PairSeriesSerializer,
        "Two symbols along a range: rebased, their ratio, rolling correlation and spread",
        parameters=[PairSeriesParameters],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        values = self.parameters(PairSeriesParameters)
        series = pair_series(
            self.lake, values["symbols"], values["span"], self.basis(values), values["window"], values["timeframe"]
        )
        if self.is_download:
            return self.download(answers.pair_series_download(series))
        return Response(series.to_json())


class VolumeProfileView(RangeView):
    @operation(
        "get_volume_profile",
        VolumeProfileSerializer,
        "How much of a symbol was traded at which price, over a range",
        parameters=[ProfileParameters],
        downloads=True,
    )
    def get(self, request: Request) -> Response:
        values = self.parameters(ProfileParameters)
        profile = symbol_profile(self.lake, values["symbols"][0], values["span"], self.basis(values), values["bins"])
        if self.is_download:
            return self.download(answers.profile_download(profile))
        return Response(profile.to_json())
