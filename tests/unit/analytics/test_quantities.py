"""Which columns follow a split or a dividend is said for every column, and as its unit has it."""

import pytest

from analytics.measures import MEASURES
from analytics.quantities import QUANTITIES, Quantity
from analytics.schemas import DERIVED_SCHEMAS

# Of the unit of prices or shares, and still the same on every basis: what was paid stays what was paid.
SAME = {("volatility", "dollar_volume")}
# Of no unit, and not the same.
SHIFTED = {("pairs", "ratio_mean"), ("pairs", "ratio_last"), ("pairs", "hedge_intercept")}
OF_UNIT = {"quote currency": Quantity.PRICE, "shares": Quantity.SHARES}


@pytest.mark.parametrize("table", DERIVED_SCHEMAS)
def test_every_column_of_a_derived_table_is_a_price_or_shares_or_neither(table: str) -> None:
    assert sorted(QUANTITIES[table]) == sorted(DERIVED_SCHEMAS[table].names)


def test_every_measure_follows_prices_as_its_unit_has_it() -> None:
    for measure in (each for each in MEASURES if each.table in QUANTITIES):
        for column in measure.columns:
            found = QUANTITIES[measure.table][column]
            if (measure.table, column) in SHIFTED:
                assert found in (Quantity.RATIO, Quantity.INTERCEPT), column
            elif (measure.table, column) in SAME:
                assert found is Quantity.UNCHANGED, column
            else:
                assert found is OF_UNIT.get(measure.unit, Quantity.UNCHANGED), column
