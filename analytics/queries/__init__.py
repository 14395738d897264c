"""Answers from the lake's tables: pyarrow and numpy over cached snapshots, never an engine.

The clock is an argument (`now`), the reader too; the web edge chooses both. Failure is an exception of `errors`.
"""
