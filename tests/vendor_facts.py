"""What the made-up Alpha Vantage tells besides minute bars: texts of our own in the vendor's shape."""

import json
from datetime import date, datetime, timedelta

from market.calendar import NEW_YORK, is_session
from market.providers.synthetic.minutes import make_session

# Function → the body for every symbol; `Vendor.tell` sets another for one symbol.
FACTS = {
    "SPLITS": "effective_date,split_factor\n2014-06-09,7.0000\n2005-02-28,2.0000\n",
    "DIVIDENDS": (
        "ex_dividend_date,declaration_date,record_date,payment_date,amount\n"
        "2026-11-09,2026-10-29,2026-11-09,2026-11-12,0.26\n"
        "1999-02-08,None,None,None,0.22\n"
    ),
    "LISTING_STATUS": (
        "symbol,name,exchange,assetType,ipoDate,delistingDate,status\r\n"
        "AAPL,Apple Inc,NASDAQ,Stock,1980-12-12,null,Active\r\n"
        'BRK-B,"Berkshire Hathaway Inc, Class B",NYSE,Stock,1996-05-09,null,Active\r\n'
        "-P-HIZ,Odd Row ,NYSE,Stock,null,null,Active\r\n"
        "MSFT,Microsoft Corporation,NASDAQ,Stock,1986-03-13,null,Active\r\n"
    ),
    "SYMBOL_SEARCH": json.dumps(
        {
            "bestMatches": [
                {
                    "1. symbol": "AAPL",
                    "2. name": "Apple Inc",
                    "3. type": "Equity",
                    "4. region": "United States",
                    "5. marketOpen": "09:30",
                    "6. marketClose": "16:00",
                    "7. timezone": "UTC-04",
                    "8. currency": "USD",
                    "9. matchScore": "0.8889",
                }
            ]
        }
    ),
    "MARKET_STATUS": json.dumps(
        {
            "endpoint": "Global Market Open & Close Status",
            "markets": [
                {
                    "market_type": "Equity",
                    "region": "United States",
                    "primary_exchanges": "NASDAQ, NYSE, AMEX, BATS",
                    "local_open": "09:30",
                    "local_close": "16:15",
                    "current_status": "closed",
                    "notes": "",
                }
            ],
        }
    ),
}


def daily_text(symbol: str, now: datetime) -> str:
    """Return the newest daily bars of the made-up market; volume counts the auction once, as the vendor's does."""
    day = now.astimezone(NEW_YORK).date() - timedelta(days=1)
    rows: list[str] = []
    while len(rows) < 100:
        if is_session(day):
            rows.append(_daily_row(symbol, day))
        day -= timedelta(days=1)
    return "timestamp,open,high,low,close,volume\r\n" + "".join(rows)


def _daily_row(symbol: str, session: date) -> str:
    bars = make_session(symbol, session)
    regular = (bars.minute >= 330) & (bars.minute < 720)
    prices = (
        bars.open[regular][0],
        bars.high[regular].max(),
        bars.low[regular].min(),
        bars.close[regular][-1],
    )
    return f"{session},{','.join(f'{price:.4f}' for price in prices)},{int(bars.volume.sum())}\r\n"
