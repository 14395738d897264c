"""The order of a part's files and what it was made from, by their paths."""

import random

import pytest

from market.lake.chains import are_made_from, in_order, made_from
from market.lake.snapshots import Part, PartFile


def file(run: str, inputs: str = "", after: str = "") -> PartFile:
    folders = [f"run={run}", "symbol=AAPL", "month=2026-10"]
    folders += [f"inputs={inputs}"] if inputs else []
    folders += [f"after={after}"] if after else []
    return PartFile(Part("AAPL", "2026-10"), "/".join([*folders, "part.parquet"]), size=1, rows=1)


# In the order of their rows, and not in that of their paths.
GROWN = [file("z", "a1"), file("b", "b2", after="a1"), file("y", "c3-s1", after="b2"), file("a", "d4", after="c3-s1")]


@pytest.mark.parametrize("seed", range(5))
def test_files_are_in_the_order_in_which_the_part_grew(seed: int) -> None:
    files = random.Random(seed).sample(GROWN, len(GROWN))

    assert in_order(files) == tuple(GROWN)
    assert made_from(files) == "d4"
    assert [inputs for inputs in ("a1", "b2", "c3-s1", "d4") if are_made_from(files, inputs)] == ["d4"]


def test_a_part_of_one_file_was_made_from_what_that_one_says_in_full() -> None:
    assert [inputs for inputs in ("a1", "a", "1", "b2") if are_made_from([file("z", "a1")], inputs)] == ["a1"]


def test_files_that_say_nothing_are_in_the_order_of_their_paths() -> None:
    assert in_order([file("b"), file("a")]) == (file("a"), file("b"))
    assert made_from([file("b"), file("a")]) == ""


@pytest.mark.parametrize(
    "files",
    [
        [],
        [file("a", "a1"), file("b", "b2")],
        [file("a", "a1"), file("b", "b2", after="a1"), file("c", "c3", after="a1")],
        [file("a", "a1"), file("b", "b2", after="missing")],
        [file("a", "b2", after="a1")],
        [file("a", "a1", after="b2"), file("b", "b2", after="a1")],
        [file("a", "a1"), file("b")],
    ],
    ids=["none", "two beginnings", "two ends", "a gap", "no beginning", "a circle", "one says nothing"],
)
def test_files_that_do_not_go_on_from_each_other_were_made_from_nothing_one_can_name(files: list[PartFile]) -> None:
    assert made_from(files) is None
    assert not any(are_made_from(files, inputs) for inputs in ("a1", "b2", "c3"))
    assert {file.path for file in in_order(files)} == {file.path for file in files}
