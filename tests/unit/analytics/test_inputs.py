"""What stands for the inputs of a derived part in its path."""

from dataclasses import replace
from datetime import date

import pytest

from analytics.jobs.inputs import digest, inputs_of, read_inputs
from analytics.jobs.splits import PartSplit

SPLIT = PartSplit("AAPL", date(2026, 7, 15), 7.0)


def test_a_digest_depends_on_each_file_but_not_on_their_order() -> None:
    assert digest(("a", "b")) == digest(("b", "a"))
    assert len({digest(paths) for paths in [("a", "b"), ("a",), ("ab",), ("a", "b", "c"), ('a", "b',)]}) == 5


def test_what_lakes_hold_stays_what_it_is() -> None:
    """Another digest of the same files would have every part of every lake made anew."""
    assert digest(("run=b/part.parquet", 'a "quoted" Zürich\\ path')) == "151a59041b7faf30"
    assert inputs_of(3, "0123456789abcdef", [SPLIT]) == "3-0123456789abcdef-7072573e17cd"


@pytest.mark.parametrize("splits", [[], [SPLIT], [SPLIT, replace(SPLIT, factor=4.0)]], ids=len)
def test_inputs_are_read_as_they_were_written(splits: list[PartSplit]) -> None:
    inputs = inputs_of(12, digest(("a",)), splits)

    read = read_inputs(inputs)

    assert read is not None
    assert (read.formula, read.bars, bool(read.splits)) == (12, digest(("a",)), bool(splits))
    assert "-".join(filter(None, (str(read.formula), read.bars, read.splits))) == inputs


# The first two are those of lakes that were made before the version was one of the pieces.
@pytest.mark.parametrize(
    "other", ["5f0c9a1e7b3d2864", "5f0c9a1e7b3d2864-0b1c66d2e9f4", "", "3-5f0c", "3-5f0c9a1e7b3d2864-"]
)
def test_other_texts_are_no_inputs(other: str) -> None:
    assert read_inputs(other) is None
