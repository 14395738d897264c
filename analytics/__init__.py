"""Analytics: bars in, derived tables out (PySpark), and the queries, API and pages that serve them."""
