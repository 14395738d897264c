"""Massive (Polygon until 2025-10): aggregates of all exchanges, unadjusted, in pages that name the next one."""
