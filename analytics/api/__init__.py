"""The market data API below /api/v1/: translates requests to queries, and their answers to bytes."""
