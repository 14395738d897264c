"""Addresses below /api/v1/."""

from django.urls import path

from analytics.api import arrival_views, range_views, tile_views, views
from analytics.api.tile_views import AverageTileOperation, BarTileOperation, described_by

app_name = "api"
urlpatterns = [
    path("symbols/", views.SymbolListView.as_view(), name="symbols"),
    path("symbols/<str:symbol>/", views.SymbolView.as_view(), name="symbol"),
    path("sessions/", views.SessionsView.as_view(), name="sessions"),
    path("compare/", views.ComparisonView.as_view(), name="compare"),
    path("daily/", views.DailyView.as_view(), name="daily"),
    path("hourly/", views.HourlyView.as_view(), name="hourly"),
    path("volatility/", views.VolatilityView.as_view(), name="volatility"),
    path("quality/", views.QualityView.as_view(), name="quality"),
    path("quality/findings/", arrival_views.FindingsView.as_view(), name="findings"),
    path("corrections/", arrival_views.CorrectionsView.as_view(), name="corrections"),
    path("actions/", arrival_views.ActionsView.as_view(), name="actions"),
    path("pairs/", views.PairsView.as_view(), name="pairs"),
    path("indicators/", views.IndicatorsView.as_view(), name="indicators"),
    path("returns/", views.ReturnsView.as_view(), name="returns"),
    path("moving-averages/", views.MovingAveragesView.as_view(), name="moving-averages"),
    path("seasonality/", views.SeasonalityView.as_view(), name="seasonality"),
    path("statistics/", range_views.StatisticsView.as_view(), name="statistics"),
    path("pair/", range_views.PairView.as_view(), name="pair"),
    path("pair-series/", range_views.PairSeriesView.as_view(), name="pair-series"),
    path("volume-profile/", range_views.VolumeProfileView.as_view(), name="volume-profile"),
    path("measures/", views.MeasuresView.as_view(), name="measures"),
    path("status/", views.StatusView.as_view(), name="status"),
    path(
        "tiles/bars/<str:symbol>/<str:month>/",
        described_by(tile_views.bar_tile, BarTileOperation),
        name="bars-tile",
    ),
    path(
        "tiles/moving_averages/<str:symbol>/<str:month>/",
        described_by(tile_views.average_tile, AverageTileOperation),
        name="moving_averages-tile",
    ),
]
