"""What was worked out for a range: figures with what they rest on, and series along it."""

from typing import Any

from rest_framework import serializers

from analytics.api.serializers import TIMEFRAMES, ColumnSerializer, ProvenanceSerializer, Schema
from analytics.measures import MEASURES


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
    name = table.title().replace("_", "")
    return type(f"{name}FiguresSerializer", (Schema,), fields)


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


class PairRangeSerializer(Schema):
    """Symbol A against B over the minutes that both have; `sessions` is the same from close to close."""

    symbol_a = serializers.CharField()
    symbol_b = serializers.CharField()
    matched_minutes = serializers.IntegerField()
    figures = _figures_serializer("pair")()
    sessions = RelativeStatisticsSerializer()
    provenance = ProvenanceSerializer()


class PairSeriesSerializer(Schema):
    """One row per bucket with a matched minute; `bar_start` in minutes since 1970 UTC."""

    symbol_a = serializers.CharField()
    symbol_b = serializers.CharField()
    timeframe = serializers.ChoiceField(choices=TIMEFRAMES)
    window = serializers.IntegerField()
    matched_minutes = serializers.IntegerField()
    rows = serializers.IntegerField()
    columns = serializers.DictField(child=ColumnSerializer())
    provenance = ProvenanceSerializer()


class BinSerializer(Schema):
    price_from = serializers.FloatField()
    price_to = serializers.FloatField()
    volume = serializers.FloatField(help_text="Shares.")
    share = serializers.FloatField(help_text="Fraction of the volume of the range.")


class VolumeProfileSerializer(Schema):
    symbol = serializers.CharField()
    sample = serializers.IntegerField(help_text="Minutes.")
    reason = serializers.CharField(allow_null=True, help_text="Why there is no profile.")
    bins = BinSerializer(many=True)
    point_of_control = serializers.FloatField(allow_null=True, help_text="Middle of the fullest bin.")
    value_area_low = serializers.FloatField(allow_null=True)
    value_area_high = serializers.FloatField(allow_null=True)
    provenance = ProvenanceSerializer()
