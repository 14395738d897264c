"""The budget of requests: a ledger that all processes share, and what can still be sent."""
