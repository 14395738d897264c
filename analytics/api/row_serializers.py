"""Rows of derived tables whose shape is their schema's, and what their columns mean."""

from typing import Any

import pyarrow as pa
from rest_framework import serializers

from analytics.api.serializers import PageSerializer, Schema
from analytics.measures import find_measure
from analytics.schemas import DERIVED_SCHEMAS
from market.actions import ACTIONS_SCHEMA
from market.corrections import CORRECTIONS_SCHEMA
from market.quality.table import FINDINGS_SCHEMA


def _row_serializer(table: str) -> type[Schema]:
    """Return the shape of a row of a derived table; each measure says what it is. Undefined measures are null."""
    fields: dict[str, Any] = {}
    for field in DERIVED_SCHEMAS[table]:
        measure = find_measure(table, field.name)
        about = f"{measure.sentence} {measure.formula} ({measure.unit})." if measure else ""
        if field.name != "month" or table == "seasonality":
            fields[field.name] = _field(field.type, about)
    name = table.title().replace("_", "")
    return type(f"{name}Serializer", (Schema,), fields)


def _field(kind: pa.DataType, about: str) -> serializers.Field[Any, Any, Any, Any]:
    if pa.types.is_floating(kind):
        return serializers.FloatField(allow_null=True, help_text=about)
    if pa.types.is_integer(kind):
        return serializers.IntegerField(help_text=about)
    if pa.types.is_date(kind):
        return serializers.DateField()
    if pa.types.is_boolean(kind):
        return serializers.BooleanField(allow_null=True, help_text=about)
    return serializers.DateTimeField() if pa.types.is_timestamp(kind) else serializers.CharField()


def _arrival_serializer(name: str, schema: pa.Schema, nullable: tuple[str, ...] = ()) -> type[Schema]:
    """Return the shape of a row of a table that is written when bars arrive."""
    fields: dict[str, Any] = {field.name: _field(field.type, "") for field in schema if field.name != "month"}
    for field_name, field in fields.items():
        field.allow_null = field_name.startswith(nullable) if nullable else False
    return type(f"{name}Serializer", (Schema,), fields)


class FindingsPageSerializer(PageSerializer):
    results = _arrival_serializer("Finding", FINDINGS_SCHEMA)(many=True)


class CorrectionsPageSerializer(PageSerializer):
    results = _arrival_serializer("Correction", CORRECTIONS_SCHEMA, ("old_", "new_"))(many=True)


class ActionsPageSerializer(PageSerializer):
    results = _arrival_serializer("CorporateAction", ACTIONS_SCHEMA)(many=True)


class VolatilityPageSerializer(PageSerializer):
    results = _row_serializer("volatility")(many=True)


class QualityPageSerializer(PageSerializer):
    results = _row_serializer("quality")(many=True)


class PairsPageSerializer(PageSerializer):
    results = _row_serializer("pairs")(many=True)


class IndicatorsPageSerializer(PageSerializer):
    results = _row_serializer("indicators")(many=True)


class ReturnsPageSerializer(PageSerializer):
    results = _row_serializer("returns")(many=True)


class MovingAveragesPageSerializer(PageSerializer):
    results = _row_serializer("moving_averages")(many=True)


class SeasonalityPageSerializer(PageSerializer):
    results = _row_serializer("seasonality")(many=True)


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
