"""The shape of every answer, for the OpenAPI description. Answers are made by the queries; a test compares the two."""

from typing import Any

import pyarrow as pa
from rest_framework import serializers

from analytics.measures import MEASURES, find_measure
from analytics.queries.provenance import ADJUSTMENT, ALL_PHASES
from analytics.queries.status import MarketPhase
from analytics.queries.timeframes import Timeframe
from analytics.schemas import DERIVED_SCHEMAS

Schema = serializers.Serializer[Any]

PHASES = list(ALL_PHASES)
TIMEFRAMES = [each.value for each in Timeframe]
MARKET_PHASES = [each.value for each in MarketPhase]
ADJUSTMENTS = [ADJUSTMENT]


class ErrorSerializer(Schema):
    """A refusal: a sentence and a word, or the sentences by parameter."""

    detail = serializers.CharField(required=False)
    code = serializers.CharField(required=False)


class ProvenanceSerializer(Schema):
    """Where an answer comes from; `tables` are the versions read, the times are UTC."""

    provider = serializers.CharField()
    synthetic = serializers.BooleanField()
    phases = serializers.ListField(child=serializers.ChoiceField(choices=PHASES))
    adjustment = serializers.ChoiceField(choices=ADJUSTMENTS)
    tables = serializers.DictField(child=serializers.IntegerField())
    fetched_at = serializers.DateTimeField(allow_null=True)
    processed_at = serializers.DateTimeField(allow_null=True)
    matched_minutes = serializers.IntegerField(required=False)
    missing_minutes = serializers.DictField(child=serializers.IntegerField(), required=False)
    quarantined_bars = serializers.IntegerField(required=False)


class SymbolSerializer(Schema):
    symbol = serializers.CharField()
    provider = serializers.CharField()
    synthetic = serializers.BooleanField()
    first_session = serializers.DateField()
    last_session = serializers.DateField()
    bar_count = serializers.IntegerField(help_text="Stored bars of all phases.")
    last_bar_start = serializers.DateTimeField(help_text="UTC start of the last regular bar.")


class SymbolListSerializer(Schema):
    results = SymbolSerializer(many=True)
    provenance = ProvenanceSerializer()


class TileReferenceSerializer(Schema):
    month = serializers.CharField(help_text="YYYY-MM of the sessions.")
    version = serializers.CharField()
    rows = serializers.IntegerField(help_text="Rows of the stored part, of all phases and quarantined ones included.")
    closed = serializers.BooleanField(help_text="The month is over: the tile at this address never changes.")
    url = serializers.CharField()


class TileReferencesSerializer(Schema):
    bars = TileReferenceSerializer(many=True)
    moving_averages = TileReferenceSerializer(many=True)


class SymbolDetailSerializer(SymbolSerializer):
    tiles = TileReferencesSerializer()
    provenance = ProvenanceSerializer()


class SessionsSerializer(Schema):
    """Rows of [session, open, minutes, ordinal]; `open` in minutes since 1970 UTC."""

    calendar = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(), min_length=4, max_length=4))


class ColumnSerializer(Schema):
    """A value is the running sum of `deltas` over 10^scale; rows in the runs of `nulls` carry no delta."""

    scale = serializers.IntegerField(min_value=0, max_value=6)
    deltas = serializers.ListField(child=serializers.IntegerField())
    nulls = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        required=False,
        help_text="Runs of [first row, length] without a value.",
    )


class TileSerializer(Schema):
    """One symbol, one month, one row per minute; `bar_start` in minutes since 1970 UTC."""

    symbol = serializers.CharField()
    month = serializers.CharField()
    version = serializers.CharField()
    timeframe = serializers.ChoiceField(choices=TIMEFRAMES)
    rows = serializers.IntegerField()
    columns = serializers.DictField(child=ColumnSerializer())
    provenance = ProvenanceSerializer()


class MatchedMinuteSerializer(Schema):
    bar_start = serializers.DateTimeField()
    session = serializers.DateField()


class ComparedSeriesSerializer(Schema):
    """`cumulative_return` is a fraction of `first_close`, the close of the base minute."""

    symbol = serializers.CharField()
    first_close = serializers.FloatField()
    last_close = serializers.FloatField()
    cumulative_return = serializers.FloatField()


class ComparisonSerializer(Schema):
    """Minutes in which every symbol traded; a bucket's close is its last matched minute's."""

    symbols = serializers.ListField(child=serializers.CharField())
    timeframe = serializers.ChoiceField(choices=TIMEFRAMES)
    base = MatchedMinuteSerializer()
    last = MatchedMinuteSerializer()
    matched_minutes = serializers.IntegerField()
    missing_minutes = serializers.DictField(child=serializers.IntegerField())
    rows = serializers.IntegerField()
    columns = serializers.DictField(
        child=ColumnSerializer(), help_text="bar_start, and the closes of each symbol under its name."
    )
    series = ComparedSeriesSerializer(many=True)
    provenance = ProvenanceSerializer()


class AggregateSerializer(Schema):
    """Prices as traded; the means are over the regular bars, vwap_close is Σ close·volume over Σ volume."""

    symbol = serializers.CharField()
    session = serializers.DateField()
    bar_count = serializers.IntegerField()
    open = serializers.FloatField()
    high = serializers.FloatField()
    low = serializers.FloatField()
    close = serializers.FloatField()
    volume = serializers.IntegerField()
    mean_open = serializers.FloatField()
    mean_high = serializers.FloatField()
    mean_low = serializers.FloatField()
    mean_close = serializers.FloatField()
    vwap_close = serializers.FloatField(allow_null=True)


class DailySerializer(AggregateSerializer):
    volume_all_phases = serializers.IntegerField()


class HourlySerializer(AggregateSerializer):
    hour_start = serializers.DateTimeField(help_text="UTC start of a New York clock hour.")


class PageSerializer(Schema):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    provenance = ProvenanceSerializer()


class DailyPageSerializer(PageSerializer):
    results = DailySerializer(many=True)


class HourlyPageSerializer(PageSerializer):
    results = HourlySerializer(many=True)


def _row_serializer(table: str) -> type[Schema]:
    """Return the shape of a row of a derived table; each measure says what it is. Undefined measures are null."""
    fields: dict[str, Any] = {}
    for field in DERIVED_SCHEMAS[table]:
        measure = find_measure(table, field.name)
        about = f"{measure.sentence} {measure.formula} ({measure.unit})." if measure else ""
        if field.name != "month":
            fields[field.name] = _field(field.type, about)
    return type(f"{table.capitalize()}Serializer", (Schema,), fields)


def _field(kind: pa.DataType, about: str) -> serializers.Field[Any, Any, Any, Any]:
    if pa.types.is_floating(kind):
        return serializers.FloatField(allow_null=True, help_text=about)
    if pa.types.is_integer(kind):
        return serializers.IntegerField(help_text=about)
    if pa.types.is_date(kind):
        return serializers.DateField()
    return serializers.DateTimeField() if pa.types.is_timestamp(kind) else serializers.CharField()


class VolatilityPageSerializer(PageSerializer):
    results = _row_serializer("volatility")(many=True)


class QualityPageSerializer(PageSerializer):
    results = _row_serializer("quality")(many=True)


class PairsPageSerializer(PageSerializer):
    results = _row_serializer("pairs")(many=True)


class FigureSerializer(Schema):
    """A measure of a range and what it rests on; there is a value or a reason, never both."""

    value = serializers.FloatField(allow_null=True)
    sample = serializers.IntegerField()
    sample_of = serializers.CharField()
    warning = serializers.CharField(allow_null=True, help_text="Why the value says little.")
    reason = serializers.CharField(allow_null=True, help_text="Why there is no value.")


def _figures_serializer(table: str) -> type[Schema]:
    """Return the shape of the figures that the registry has under a heading."""
    fields: dict[str, Any] = {
        column: FigureSerializer(help_text=f"{measure.sentence} {measure.formula} ({measure.unit}).")
        for measure in MEASURES
        if measure.table == table
        for column in measure.columns
    }
    return type(f"{table.capitalize()}FiguresSerializer", (Schema,), fields)


class DrawdownSerializer(Schema):
    """When the largest drawdown began, was deepest, and was made good; bar starts."""

    peak = serializers.DateTimeField()
    trough = serializers.DateTimeField()
    recovered = serializers.DateTimeField(allow_null=True)
    sessions_to_trough = serializers.IntegerField()
    sessions_to_recovery = serializers.IntegerField(allow_null=True)


class PeriodSerializer(Schema):
    """`from` is the first session of the period; `return` a fraction, from close to close."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "return": serializers.FloatField()}


class SymbolStatisticsSerializer(Schema):
    symbol = serializers.CharField()
    minutes = serializers.IntegerField()
    sessions = serializers.IntegerField()
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    first_close = serializers.FloatField(allow_null=True)
    last_close = serializers.FloatField(allow_null=True)
    figures = _figures_serializer("statistics")()
    drawdown = DrawdownSerializer(allow_null=True)
    best_session = PeriodSerializer(allow_null=True)
    worst_session = PeriodSerializer(allow_null=True)
    best_week = PeriodSerializer(allow_null=True)
    worst_week = PeriodSerializer(allow_null=True)
    best_month = PeriodSerializer(allow_null=True)
    worst_month = PeriodSerializer(allow_null=True)


class DifferenceSerializer(Schema):
    """The mean difference of session returns with its 95 % interval; `is_real` when zero lies outside."""

    mean = FigureSerializer()
    low = FigureSerializer()
    high = FigureSerializer()
    is_real = serializers.BooleanField(allow_null=True)
    method = serializers.CharField()


class RelativeStatisticsSerializer(Schema):
    symbol = serializers.CharField()
    benchmark = serializers.CharField()
    figures = _figures_serializer("relative")()
    difference = DifferenceSerializer()


class StatisticsSerializer(Schema):
    benchmark = serializers.CharField()
    matched_minutes = serializers.IntegerField(help_text="0: every symbol is measured over its own minutes.")
    symbols = SymbolStatisticsSerializer(many=True)
    relative = RelativeStatisticsSerializer(many=True)
    provenance = ProvenanceSerializer()


class MeasureSerializer(Schema):
    """What the columns of a derived table hold."""

    table = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField()
    unit = serializers.CharField()
    formula = serializers.CharField()
    convention = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a declared field leaves no attribute on the class
        help_text="The definition or library that it agrees with."
    )
    fewest = serializers.CharField(help_text="What it needs before it is not null.")
    sentence = serializers.CharField()


class MeasureListSerializer(Schema):
    results = MeasureSerializer(many=True)


class MarketStateSerializer(Schema):
    calendar = serializers.CharField()
    state = serializers.ChoiceField(choices=MARKET_PHASES)
    half_day = serializers.BooleanField()
    session = serializers.DateField(help_text="The running session or, when closed, the last one.")
    session_open = serializers.DateTimeField()
    session_close = serializers.DateTimeField()
    next_session = serializers.DateField()
    next_open = serializers.DateTimeField()


class CoverageSerializer(Schema):
    """Regular minutes; expected = present + missing + quarantined."""

    symbol = serializers.CharField()
    provider = serializers.CharField()
    synthetic = serializers.BooleanField()
    first_session = serializers.DateField()
    last_session = serializers.DateField()
    expected_minutes = serializers.IntegerField()
    present_minutes = serializers.IntegerField()
    missing_minutes = serializers.IntegerField()
    quarantined_minutes = serializers.IntegerField()
    last_bar_start = serializers.DateTimeField()
    fetched_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)


class StatusSerializer(Schema):
    market = MarketStateSerializer()
    coverage = CoverageSerializer(many=True)
    provenance = ProvenanceSerializer()
