"""The query parameters, checked: each refusal names its parameter and says what to write."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from analytics.queries.adjustment import Adjustment
from analytics.queries.paths import Span
from analytics.queries.timeframes import Timeframe
from market.calendar import FIRST_DATE, LAST_DATE, NEW_YORK
from market.symbols import SymbolInvalid, parse_symbols

MAX_SYMBOLS = 6
AUTO = "auto"


class SymbolsField(serializers.CharField):
    """Symbols between commas, in any case, to a list without repeats."""

    def __init__(self, *, least: int, most: int = MAX_SYMBOLS, **kwargs: Any) -> None:
        self.least = least
        self.most = most
        super().__init__(**kwargs)

    def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
        if isinstance(dictionary, QueryDict) and self.field_name in dictionary:
            return ",".join(dictionary.getlist(str(self.field_name)))
        return super().get_value(dictionary)

    def to_internal_value(self, data: Any) -> Any:
        texts = [text for text in super().to_internal_value(data).split(",") if text.strip()]
        if len(texts) > 100:
            raise serializers.ValidationError(f"Name at most {MAX_SYMBOLS} symbols; there are {len(texts):,} here.")
        try:
            symbols = parse_symbols(texts)
        except SymbolInvalid as error:
            raise serializers.ValidationError(str(error)) from error
        if len(symbols) < self.least:
            raise serializers.ValidationError(f"Name at least {self.least}, for example AAPL,MSFT.")
        if len(symbols) > self.most:
            raise serializers.ValidationError(f"Name at most {self.most} symbols; there are {len(symbols)} here.")
        return symbols


class TimeframeField(serializers.ChoiceField):
    """A timeframe, or None for the finest that gives few enough rows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[*(each.value for each in Timeframe), AUTO],
            default=AUTO,
            help_text="Length of a bar. auto takes the finest that gives at most 12,000 rows.",
            **kwargs,
        )

    def run_validation(self, data: Any = serializers.empty) -> Timeframe | None:
        value = super().run_validation(data)
        return None if value == AUTO else Timeframe(value)


class SessionField(serializers.DateField):
    """A date within the calendar."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = "Write the date as YYYY-MM-DD, for example 2026-10-01."
        super().__init__(error_messages={"invalid": wrong}, input_formats=["%Y-%m-%d"], **kwargs)

    def to_internal_value(self, value: Any) -> Any:
        on = super().to_internal_value(value)
        if not FIRST_DATE <= on <= LAST_DATE:
            raise serializers.ValidationError(f"Choose a date from {FIRST_DATE} to {LAST_DATE}.")
        return on


class AdjustmentField(serializers.ChoiceField):
    """Which events prices are adjusted for."""

    def __init__(self, default: Adjustment = Adjustment.RAW, about: str = "", **kwargs: Any) -> None:
        self._adjustment = default
        super().__init__(
            choices=[each.value for each in Adjustment],
            default=default.value,
            help_text=about
            or "raw is as traded; split and all adjust for splits, or dividends too. The provenance names them.",
            error_messages={"invalid_choice": "{input} is no adjustment; write raw, split or all."},
            **kwargs,
        )

    def to_internal_value(self, data: Any) -> Adjustment:
        return Adjustment(super().to_internal_value(data))

    def get_default(self) -> Adjustment:
        return self._adjustment


class OneBasisField(AdjustmentField):
    """The same for what is worked out over a range, where prices on two bases are no answer."""

    def __init__(self, **kwargs: Any) -> None:
        about = (
            "split, the default here, puts the whole range on one basis, so that a split is no loss; all counts in "
            "dividends, too; raw is as traded, which is wrong over a split. The provenance names the events."
        )
        super().__init__(Adjustment.SPLIT, about, **kwargs)


class RangeParameters(serializers.Serializer[Any]):
    """Sessions `from` and `to`, both included; without one the range is open at that end."""

    to = SessionField(required=False, help_text="Last session, YYYY-MM-DD. Default: the last there is.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it cannot be declared like the others.
        start = SessionField(required=False, help_text="First session, YYYY-MM-DD. Default: the first there is.")
        return {"from": start, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("from", FIRST_DATE), attrs.get("to", LAST_DATE)
        now: datetime = self.context["now"]
        if first > last:
            raise serializers.ValidationError({"from": [f"{first} is after {last}; exchange from and to."]})
        if first > now.astimezone(NEW_YORK).date():
            raise serializers.ValidationError({"from": [f"{first} is in the future; choose an earlier date."]})
        return {**attrs, "from": first, "to": last}


class MomentField(serializers.CharField):
    """A session, or an instant with its zone, as a date or an aware datetime."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if len(text) <= 10:
            return SessionField().run_validation(text)
        try:
            # In an address + means a space.
            moment = datetime.fromisoformat(text.replace(" ", "+"))
            if moment.tzinfo is not None and FIRST_DATE <= moment.astimezone(NEW_YORK).date() <= LAST_DATE:
                return moment
        except (ValueError, OverflowError):
            pass
        raise serializers.ValidationError(
            "Write a session as 2026-10-01 or an instant with its zone as 2026-10-01T14:30:00Z, "
            f"from {FIRST_DATE} to {LAST_DATE}."
        )


class SpanParameters(serializers.Serializer[Any]):
    """A range between two sessions, both included, or two instants, and the adjustment."""

    to = MomentField(
        required=False,
        help_text="Last session, YYYY-MM-DD, or the instant by which bars end. Default: the last there is.",
    )
    adjustment = OneBasisField()

    def get_fields(self) -> dict[str, Any]:
        start = MomentField(
            required=False,
            help_text="First session, YYYY-MM-DD, or the instant from which bars begin. Default: the first there is.",
        )
        return {"from": start, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        span = Span.between(attrs.get("from", FIRST_DATE), attrs.get("to", LAST_DATE))
        now: datetime = self.context["now"]
        if span.first > span.last or span.start >= span.end:
            raise serializers.ValidationError({"from": ["Nothing lies between from and to; exchange them."]})
        if span.first > now.astimezone(NEW_YORK).date():
            raise serializers.ValidationError({"from": [f"{span.first} is in the future; choose an earlier date."]})
        return {**attrs, "span": span}


class StatisticsParameters(SpanParameters):
    """One to six symbols, a range, and what they are measured against."""

    symbols = SymbolsField(least=1, help_text="One to six symbols between commas, such as AAPL,MSFT.")
    benchmark = serializers.CharField(
        required=False,
        help_text="The symbol, one of `symbols`, that the others are measured against. Default: the first.",
    )
    risk_free = serializers.FloatField(
        default=0.0,
        min_value=-1.0,
        max_value=1.0,
        help_text="Yearly rate for the Sharpe and Sortino ratios, a fraction.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        benchmark = attrs.get("benchmark", attrs["symbols"][0]).strip().upper()
        if benchmark not in attrs["symbols"]:
            named = ", ".join(attrs["symbols"])
            raise serializers.ValidationError({"benchmark": [f"Name one of the symbols: {named}."]})
        return {**super().validate(attrs), "benchmark": benchmark}


class PairRangeParameters(SpanParameters):
    """Exactly two symbols and a range."""

    symbols = SymbolsField(least=2, most=2, help_text="Two symbols between commas, A and B, such as AAPL,MSFT.")


class PairSeriesParameters(PairRangeParameters):
    """Two symbols, a range, the length of a bucket, and of the window that travels along."""

    timeframe = TimeframeField()
    window = serializers.IntegerField(
        default=60, min_value=10, max_value=500, help_text="Buckets of the rolling measures, 10 to 500."
    )


class ProfileParameters(SpanParameters):
    """One symbol, a range and a number of bins."""

    symbols = SymbolsField(least=1, most=1, help_text="One symbol, such as AAPL.")
    bins = serializers.IntegerField(default=50, min_value=5, max_value=500, help_text="Bins of the price, 5 to 500.")


class RowsParameters(RangeParameters):
    """Symbols and a range of sessions."""

    symbols = SymbolsField(least=1, help_text="One to six symbols between commas, such as AAPL,MSFT.")


class AdjustableRowsParameters(RowsParameters):
    """Symbols, a range of sessions, and the adjustment."""

    adjustment = AdjustmentField()


class PairsParameters(RangeParameters):
    """Two to six symbols, each compared with each, a range of sessions, and the adjustment."""

    symbols = SymbolsField(least=2, help_text="Two to six symbols between commas, such as AAPL,MSFT.")
    adjustment = AdjustmentField()


class SymbolParameters(serializers.Serializer[Any]):
    """The adjustment that a symbol's tiles are to have."""

    adjustment = AdjustmentField()


class ComparisonParameters(RangeParameters):
    """Two to six symbols, a range of sessions, the length of a bar, and the adjustment."""

    symbols = SymbolsField(least=2, help_text="Two to six symbols between commas, such as AAPL,MSFT.")
    timeframe = TimeframeField()
    adjustment = OneBasisField()


class CoverageParameters(serializers.Serializer[Any]):
    symbols = SymbolsField(least=1, required=False, help_text="One to six symbols between commas. Default: all.")


def session_range(values: Mapping[str, Any]) -> tuple[date, date]:
    """Return the checked `from` and `to`."""
    return values["from"], values["to"]
