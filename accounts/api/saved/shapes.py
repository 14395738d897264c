"""Shapes of watchlists and saved comparisons, as they are sent and as they are answered."""

from datetime import date
from typing import Any

from rest_framework import serializers

from accounts.saved import ADJUSTMENTS, COMPARED_SYMBOLS, MODES, NAME_LENGTH, RANGES, TIMEFRAMES, parse_symbol
from accounts.text import plain_text

Shape = serializers.Serializer[Any]

WATCHLIST_SYMBOLS = 100


class SymbolField(serializers.CharField):
    """One symbol in any spelling, to the spelling of the market."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return parse_symbol(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class SymbolsField(serializers.ListField):
    """Symbols in the order given, without repeats."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(child=SymbolField(max_length=20), **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        # Before the symbols are looked at, so that a long list costs nothing.
        if isinstance(data, list) and len(data) > self.most:
            raise serializers.ValidationError(f"Name at most {self.most} symbols; there are {len(data):,} here.")
        symbols = list(dict.fromkeys(super().to_internal_value(data)))
        if len(symbols) < self.least:
            raise serializers.ValidationError(f"Name at least {self.least} symbols, for example AAPL and MSFT.")
        return symbols


class NameField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, validators=[plain_text], **kwargs)


class VersionField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**53, **kwargs)


class StampsSerializer(Shape):
    """What the server adds to a thing."""

    id = serializers.CharField()
    version = VersionField(help_text="Moves on by one with every change; a change names the one that it has seen.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class WatchlistBodySerializer(Shape):
    name = NameField()
    symbols = SymbolsField(least=0, most=WATCHLIST_SYMBOLS, help_text=f"In your order, at most {WATCHLIST_SYMBOLS}.")


class WatchlistChangeSerializer(WatchlistBodySerializer):
    version = VersionField()


class WatchlistSerializer(StampsSerializer, WatchlistBodySerializer):
    pass


class WatchlistListSerializer(Shape):
    results = WatchlistSerializer(many=True)


class ComparisonBodySerializer(Shape):
    """A comparison as the compare page's address has it: a named `range`, or the sessions `from` and `to`."""

    name = NameField()
    symbols = SymbolsField(least=2, most=COMPARED_SYMBOLS)
    range = serializers.ChoiceField(choices=RANGES, allow_null=True, default=None)
    to = serializers.DateField(allow_null=True, default=None, help_text="Last session, YYYY-MM-DD.")
    timeframe = serializers.ChoiceField(choices=TIMEFRAMES, default="auto")
    mode = serializers.ChoiceField(choices=MODES, default="pct")
    adjustment = serializers.ChoiceField(
        choices=ADJUSTMENTS, default="split", help_text="split and all adjust prices for splits, or dividends too."
    )
    shared = serializers.BooleanField(
        default=False, help_text="Whether other signed-in people may read it at `shared_url`."
    )

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it cannot be declared like the others.
        start = serializers.DateField(allow_null=True, default=None, help_text="First session, YYYY-MM-DD.")
        return {**super().get_fields(), "from": start}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first: date | None = attrs["from"]
        last: date | None = attrs["to"]
        if (first is None) != (last is None):
            raise serializers.ValidationError({"from" if first is None else "to": ["Give both dates, or neither."]})
        if (attrs["range"] is None) == (first is None):
            raise serializers.ValidationError({"range": ["Give either a range or the dates from and to."]})
        if first and last and first > last:
            raise serializers.ValidationError({"from": [f"{first} is after {last}; exchange from and to."]})
        dates = {"from": first and first.isoformat(), "to": last and last.isoformat()}
        return {**attrs, **dates}


class ComparisonChangeSerializer(ComparisonBodySerializer):
    version = VersionField()


class SavedComparisonSerializer(StampsSerializer, ComparisonBodySerializer):
    shared_url = serializers.CharField(allow_null=True)


class SavedComparisonListSerializer(Shape):
    results = SavedComparisonSerializer(many=True)
