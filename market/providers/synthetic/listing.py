"""The ten symbols of the made-up market that have names; any other trades as well."""

from market.providers.facts import Listing

_NASDAQ, _NYSE = "NASDAQ", "NYSE"
_NAMED = (
    ("AAPL", "Apple Inc", _NASDAQ),
    ("MSFT", "Microsoft Corporation", _NASDAQ),
    ("AMZN", "Amazon.com Inc", _NASDAQ),
    ("GOOGL", "Alphabet Inc - Class A", _NASDAQ),
    ("META", "Meta Platforms Inc - Class A", _NASDAQ),
    ("NVDA", "NVIDIA Corporation", _NASDAQ),
    ("TSLA", "Tesla Inc", _NASDAQ),
    ("JPM", "JPMorgan Chase & Co", _NYSE),
    ("KO", "Coca-Cola Company", _NYSE),
    ("BRK.B", "Berkshire Hathaway Inc - Class B", _NYSE),
)
# Nobody was listed later than the market begins, and nobody was delisted.
LISTED = tuple(Listing(symbol, name, exchange, "Stock", None, None, active=True) for symbol, name, exchange in _NAMED)
