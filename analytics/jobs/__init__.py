"""The job behind `process_prices`: which parts of derived tables are stale, and making them anew."""
