"""Prices of one part on one basis: a split between two sessions must not look like a move of the price."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analytics.formulas.arrays import Floats
from analytics.formulas.tables import floats


def basis_of(part: pa.Table) -> Floats:
    """Return by what the prices of each row are divided, and its shares multiplied, to be on that of the part's end.

    All 1.0 where no split lies in the part; figures in dollars are multiplied by it again, so that they are as traded.
    """
    return floats(part, "basis") if "basis" in part.column_names else np.ones(part.num_rows)


def basis_of_sessions(sessions: npt.NDArray[np.datetime64], splits: Iterable[tuple[date, float]]) -> Floats:
    """Return the basis of sessions (datetime64[D]): the product of the factors of the splits after each."""
    basis = np.ones(len(sessions))
    for effective, factor in splits:
        basis[sessions < np.datetime64(effective)] *= factor
    return basis
