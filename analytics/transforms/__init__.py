"""Derived tables as functions, DataFrame in, DataFrame out; they know neither lake nor engine.

Input is bars (columns of BAR_SCHEMA, rows in any order) where `month` names the part that is computed: its rows
are the part's own bars and, for a transform with a lookback, the bars of earlier months before them. Output is
one row per key for every session of the input; the job drops the sessions that only served as lookback.
A part depends on nothing but its own rows, and is the same to the bit whatever their order and partitioning.
"""
