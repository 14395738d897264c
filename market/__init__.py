"""Market data: one-minute bars from a provider into the lake. Knows nothing of users, Spark or web pages."""
