"""Bring a provider's bars into the lake: plan the cells, fetch each, commit what is good."""

from market.ingest.outcomes import CellOutcome, FetchReport, Result
from market.ingest.plan import DataMixed, Plan, make_plan
from market.ingest.requests import FetchRequest, Period, RequestInvalid, read_request
from market.ingest.run import fetch_prices

__all__ = [
    "CellOutcome",
    "DataMixed",
    "FetchReport",
    "FetchRequest",
    "Period",
    "Plan",
    "RequestInvalid",
    "Result",
    "fetch_prices",
    "make_plan",
    "read_request",
]
