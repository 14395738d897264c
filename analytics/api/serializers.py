"""The shape of every answer, for the OpenAPI description. Answers are made by the queries; a test compares the two."""

from typing import Any

from rest_framework import serializers

from analytics.queries.adjustment import Adjustment
from analytics.queries.provenance import ALL_PHASES
from analytics.queries.status import MarketPhase
from analytics.queries.timeframes import Timeframe
from market.actions import ActionKind

Schema = serializers.Serializer[Any]

PHASES = list(ALL_PHASES)
TIMEFRAMES = [each.value for each in Timeframe]
MARKET_PHASES = [each.value for each in MarketPhase]
EVENT_KINDS = [each.value for each in ActionKind]
ADJUSTMENTS = [each.value for each in Adjustment]


class ErrorSerializer(Schema):
    """A refusal: a sentence and a word, or the sentences by parameter."""

    detail = serializers.CharField(required=False)
    code = serializers.CharField(required=False)


class AdjustmentEventSerializer(Schema):
    """A split or dividend; earlier prices were multiplied by `price_factor`, or not where that is null."""

    symbol = serializers.CharField()
    session = serializers.DateField(help_text="Takes effect when this session opens.")
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    value = serializers.FloatField(help_text="New shares for one old, or dollars a share.")
    price_factor = serializers.FloatField(
        allow_null=True, help_text="Null for a dividend whose preceding close is not known: it was not applied."
    )


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
    quarantined_bars = serializers.IntegerField(
        required=False, help_text="Bars of these phases that were left out, in the sessions that were asked for."
    )
    adjustment_events = AdjustmentEventSerializer(many=True, required=False)
    events_known_at = serializers.DictField(
        child=serializers.DateTimeField(allow_null=True),
        required=False,
        help_text="When somebody last told of each symbol's splits and dividends; null where nobody was asked.",
    )


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
    adjustment = serializers.ChoiceField(
        choices=ADJUSTMENTS, help_text="raw where no event applies to the month: the tile is the one as traded."
    )
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
    """Prices as the provenance says; means over regular bars; vwap_close is Σ close·volume over Σ volume."""

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
    """Regular minutes; expected = present + missing + quarantined. Sessions from the first to the last one with bars:
    final, provisional (a provider may still correct them) or missing; behind are those that have ended since."""

    symbol = serializers.CharField()
    provider = serializers.CharField()
    synthetic = serializers.BooleanField()
    first_session = serializers.DateField()
    last_session = serializers.DateField()
    expected_minutes = serializers.IntegerField()
    present_minutes = serializers.IntegerField()
    missing_minutes = serializers.IntegerField()
    quarantined_minutes = serializers.IntegerField()
    final_sessions = serializers.IntegerField()
    provisional_sessions = serializers.IntegerField()
    missing_sessions = serializers.IntegerField()
    behind_sessions = serializers.IntegerField()
    last_bar_start = serializers.DateTimeField()
    fetched_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)


class StatusSerializer(Schema):
    market = MarketStateSerializer()
    coverage = CoverageSerializer(many=True)
    provenance = ProvenanceSerializer()
