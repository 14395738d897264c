"""Parts of several files: each of the later ones holds the rows that come after those of the one it goes on from.

What a file was made from is in its path: `…/inputs=<fingerprint>/…`, and `…/inputs=<fingerprint>/after=<fingerprint>/…`
for one that goes on from a file with the second fingerprint
(docs/decisions/parts-are-gone-on-with.md). Both are opaque here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from market.lake.snapshots import PartFile

_FOLDERS = re.compile(r"/inputs=([^/]+)/(?:after=([^/]+)/)?")


def in_order(files: "Sequence[PartFile]") -> "tuple[PartFile, ...]":
    """Return the files of one part in the order of their rows; by path where they say nothing of it."""
    if len(files) < 2:
        return tuple(files)
    by_path = sorted(files, key=lambda file: file.path)
    ordered = [file for some in _links(by_path) for file in some]
    return tuple(ordered if len(ordered) == len(by_path) else by_path)


def made_from(files: "Sequence[PartFile]") -> str | None:
    """Return what a part as a whole was made from: the fingerprint of its last file, empty if none of them has one.

    None if they do not go on from each other.
    """
    links = _links(files)
    last = {_folders(file.path)[0] for file in links[-1]} if links else set()
    whole = len(last) == 1 and sum(map(len, links)) == len(files)
    return last.pop() if whole else None


def are_made_from(files: "Sequence[PartFile]", inputs: str) -> bool:
    """Tell whether a part as a whole was made from what the fingerprint `inputs` stands for."""
    if len(files) == 1:
        # Nearly every part, and a plan asks it of each: a tenth of the time of finding out what it was made from.
        return f"/inputs={inputs}/" in files[0].path and "/after=" not in files[0].path
    return made_from(files) == inputs


def _links(files: "Iterable[PartFile]") -> "list[list[PartFile]]":
    """Return the files that begin the part, then those that go on from them, and so on as far as that leads."""
    following: dict[str, list[PartFile]] = defaultdict(list)
    for file in files:
        following[_folders(file.path)[1]].append(file)
    links: list[list[PartFile]] = []
    after = ""
    while some := following.pop(after, []):
        links.append(some)
        inputs = {_folders(file.path)[0] for file in some}
        if len(inputs) > 1:
            break
        after = inputs.pop()
    return links


def _folders(path: str) -> tuple[str, str]:
    found = _FOLDERS.search(path)
    return (found[1], found[2] or "") if found else ("", "")
