"""Alpha Vantage: TIME_SERIES_INTRADAY, one symbol and month per request."""
