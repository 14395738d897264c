"""What can go wrong in a query, as sentences a person can act on."""

from collections.abc import Sequence

HOW_TO_FETCH = "Run `manage.py fetch_prices`, then `manage.py process_prices`."


class QueryError(Exception):
    """The question cannot be answered from what the lake holds; the text says what to do.

    `code` is one word for programs, `field` the parameter that is to blame, if one is.
    """

    code = "no_data"
    field: str | None = None
    status = 404


class NoBars(QueryError):
    """The lake holds no bars at all."""

    def __init__(self) -> None:
        super().__init__(f"No bars yet. {HOW_TO_FETCH}")


class NotProcessed(QueryError):
    """There are bars, but the derived table does not cover what was asked."""

    code = "not_processed"

    def __init__(self, table: str, symbol: str) -> None:
        super().__init__(f"{symbol} has bars, but no {table.replace('_', ' ')} yet. Run `manage.py process_prices`.")


class SymbolUnknown(QueryError):
    """No bars of this symbol."""

    code = "unknown_symbol"

    def __init__(self, symbol: str, known: Sequence[str], field: str = "symbols") -> None:
        there_is = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
        super().__init__(
            f"There are no bars of {symbol[:20]} here. There is: {there_is}. "
            f"To add a symbol, run `manage.py fetch_prices --symbols SYMBOL`, then `manage.py process_prices`."
        )
        self.field = field


class MonthUnknown(QueryError):
    """No bars of the symbol in this month."""

    code = "unknown_month"
    field = "month"

    def __init__(self, symbol: str, month: str, known: Sequence[str]) -> None:
        super().__init__(f"There are no bars of {symbol} in {month[:20]}. There is: {known[0]} to {known[-1]}.")


class ChoiceUnknown(QueryError):
    """A parameter has a value that is none of its choices."""

    code = "invalid"
    status = 400

    def __init__(self, field: str, given: str, choices: Sequence[str]) -> None:
        *others, last = choices
        super().__init__(f"{given[:20]!r} is no value of {field}; write {', '.join(others)} or {last}.")
        self.field = field


class RangeTooWide(QueryError):
    """The range holds more than one answer may."""

    code = "range_too_wide"
    field = "from"
    status = 400

    def __init__(self, what: str, found: int, most: int) -> None:
        super().__init__(
            f"The range holds {found:,} {what} and one answer takes {most:,}. "
            "Narrow from and to, or name fewer symbols."
        )


class NoOverlap(QueryError):
    """The symbols share no minute in the range."""

    code = "no_overlap"
    field = "from"
