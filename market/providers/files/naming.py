"""Whose bars a file holds, by its name."""

import re

from market.symbols import SymbolInvalid, parse_symbol

# Words that vendors and people put beside the symbol.
_WORDS = re.compile(
    r"(\d+|\d+(min|m|minute|day|hour|d|h)|minutes?|data|full|time|series|intraday|extended|unadjusted|raw|trades?|"
    r"stocks?|bars?|sample|usa?|equity|ohlcv?|prices?|history|csv|daily|eth|rth|from|to|[12]\d{3}(-?\d\d){0,2})",
    re.IGNORECASE,
)
_ADJUSTED = re.compile(r"adjusted|adjsplit(div)?|adj|splitadjusted", re.IGNORECASE)


class NameUnclear(ValueError):
    """The name holds no symbol or several; the message says what to do."""


def symbol_in(name: str) -> str:
    """Return the symbol in a file's name. Raises NameUnclear.

    >>> symbol_in("intraday_1min_AAPL.csv"), symbol_in("BRK-B_full_1min_UNADJUSTED.txt")
    ('AAPL', 'BRK.B')
    """
    stem = re.sub(r"\.(csv|txt|parquet|json)$", "", name, flags=re.IGNORECASE)
    words = [word for word in re.split(r"[_\s()\[\]]+", stem) if word]
    if any(_ADJUSTED.fullmatch(word) for word in words):
        raise NameUnclear("its name says that the prices are adjusted, and bars are kept as traded")
    symbols = {symbol for word in words if not _WORDS.fullmatch(word) if (symbol := _symbol(word))}
    if len(symbols) != 1:
        raise NameUnclear("its name holds no symbol, or several; name it like AAPL.csv or add a column symbol")
    return symbols.pop()


def _symbol(word: str) -> str | None:
    try:
        return parse_symbol(word)
    except SymbolInvalid:
        return None
