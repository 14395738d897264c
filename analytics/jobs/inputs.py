"""What stands for the inputs of a derived part in the path of its files: `<formula>-<bars>[-<splits>]`.

The version of its table's formula, 16 hex digits for the files of bars that it was computed from, and 12 for the splits
between these bars, if there are any (docs/decisions/derived-parts-carry-their-inputs.md).
"""

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

from analytics.jobs.splits import PartSplit
from analytics.jobs.splits import fingerprint as splits_fingerprint

PATTERN = r"(\d+)-([0-9a-f]{16})(?:-([0-9a-f]{12}))?"
DigestOf = Callable[[tuple[str, ...]], str]


class Inputs(NamedTuple):
    """The pieces; `splits` is empty where there are none."""

    formula: int
    bars: str
    splits: str


def inputs_of(formula_version: int, bars: str, splits: Sequence[PartSplit] = ()) -> str:
    """Return what stands for a part that a formula made from bars with that digest and these splits between them."""
    inputs = f"{formula_version}-{bars}"
    return f"{inputs}-{splits_fingerprint(splits)}" if splits else inputs


def digest(paths: tuple[str, ...]) -> str:
    """Return 16 hex digits that stand for files, in whatever order."""
    # The text is JSON, but the encoder's way to it takes most of the time.
    listed = ", ".join(map(encode_basestring_ascii, sorted(paths)))
    return sha256(f"[{listed}]".encode()).hexdigest()[:16]


def read_inputs(inputs: str) -> Inputs | None:
    """Return the pieces; None for what is not of this form, as of releases that had one digest of it all."""
    found = re.fullmatch(PATTERN, inputs)
    return Inputs(int(found[1]), found[2], found[3] or "") if found else None
