"""Symbols: exchange tickers in canonical form, upper case, `BRK.B` style."""

import re

_SYMBOL = re.compile(r"[A-Z0-9]{1,6}(\.[A-Z0-9]{1,3})?")


# Vendors write share classes as BRK-B, BRK/B, BRK_B or BRK B.
_SEPARATORS = str.maketrans("-/_ ", "....")


class SymbolInvalid(ValueError):
    """The text cannot be a symbol."""


def parse_symbol(text: str) -> str:
    """Return the canonical symbol of what a person typed. Raises SymbolInvalid.

    >>> [parse_symbol(text) for text in (" brk-b ", "BRK/B", "brk.b")]
    ['BRK.B', 'BRK.B', 'BRK.B']
    """
    symbol = text.strip().upper().translate(_SEPARATORS)
    if not symbol.isascii() or not _SYMBOL.fullmatch(symbol):
        raise SymbolInvalid(f"{text[:20]!r} is not a symbol; write it like AAPL or BRK.B.")
    return symbol


def parse_symbols(texts: list[str]) -> list[str]:
    """Return canonical symbols in the order given, without repeats. Raises SymbolInvalid."""
    return list(dict.fromkeys(parse_symbol(text) for text in texts))


def spelled(symbol: str, separator: str) -> str:
    """Return a canonical symbol as a vendor writes it.

    >>> spelled("BRK.B", "-")
    'BRK-B'
    """
    return symbol.replace(".", separator)
