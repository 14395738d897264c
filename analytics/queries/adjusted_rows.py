"""Rows of the derived tables on another basis: each by the factors of its own session."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.quantities import QUANTITIES, Quantity
from analytics.queries.adjustment import Adjustment, Basis, Factors, Floats, adjusted_provenance, factors_of_all
from analytics.queries.arrays import equals, to_numpy
from analytics.queries.instants import to_dates
from analytics.queries.reader import LakeReader
from analytics.queries.rows import Rows

Days = NDArray[np.datetime64]


def adjusted(
    reader: LakeReader, rows: Rows, table: str, symbols: Sequence[str], basis: Basis, first: date = date.min
) -> Rows:
    """Return rows of a derived table, of sessions from `first` on, on a basis; returns and counts stay as they are.

    Figures over a window are stored on the basis of their own session. Dividends count from session to session, not
    inside a window.
    """
    if basis.adjustment is Adjustment.RAW:
        return rows
    factors = factors_of_all(reader, symbols, basis, first)
    provenance = adjusted_provenance(reader, rows.provenance, basis.adjustment, factors)
    return Rows(_on_basis(rows.table, QUANTITIES[table], factors), provenance)


def _on_basis(table: pa.Table, quantities: Mapping[str, Quantity], factors: Mapping[str, Factors]) -> pa.Table:
    if "symbol_a" in table.column_names:
        return _pairs_on_basis(table, quantities, factors)
    prices, volumes = _by_row(table, "symbol", factors)
    for name in table.column_names:
        if quantities[name] is Quantity.PRICE:
            table = _multiplied(table, name, prices)
        elif quantities[name] is Quantity.SHARES:
            table = _multiplied(table, name, volumes)
    return table


def _pairs_on_basis(table: pa.Table, quantities: Mapping[str, Quantity], factors: Mapping[str, Factors]) -> pa.Table:
    (of_a, _), (of_b, _) = (_by_row(table, column, factors) for column in ("symbol_a", "symbol_b"))
    beta = to_numpy(table["hedge_ratio"])
    for name in table.column_names:
        if quantities[name] is Quantity.RATIO:
            table = _multiplied(table, name, of_a / of_b)
        elif quantities[name] is Quantity.INTERCEPT:
            values = to_numpy(table[name]) + np.log(of_a) - beta * np.log(of_b)
            table = _set(table, name, pa.array(values, from_pandas=True))
    return table


def _by_row(table: pa.Table, column: str, factors: Mapping[str, Factors]) -> tuple[Floats, Floats]:
    """Return what prices and volumes of the symbol that a column names are multiplied by in each row."""
    days = _days(table)
    prices, volumes = np.ones(len(days)), np.ones(len(days))
    for symbol, each in factors.items():
        mine = equals(table[column], symbol)
        prices[mine], volumes[mine] = each.of_sessions(days[mine])
    return prices, volumes


def _days(table: pa.Table) -> Days:
    """Return the session of each row; of a row about a month, the month's last day."""
    if "session" in table.column_names:
        return to_dates(table["session"])
    months = np.array(table["month"].to_pylist(), dtype="datetime64[M]")
    days: Days = (months + 1).astype("datetime64[D]") - 1
    return days


def _multiplied(table: pa.Table, name: str, by: Floats) -> pa.Table:
    """Multiply a column; whole numbers, such as shares, are rounded to whole ones."""
    values = to_numpy(table[name]) * by
    if pa.types.is_integer(table.schema.field(name).type):
        return _set(table, name, pa.array(np.rint(values).astype(np.int64)))
    return _set(table, name, pa.array(values, from_pandas=True))


def _set(table: pa.Table, name: str, values: "pa.Array[pa.Scalar[pa.DataType]]") -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)
