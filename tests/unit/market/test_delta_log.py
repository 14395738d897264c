"""What a commit says of files is taken from it only where it says enough."""

import json
from typing import Any

import pytest

from market.lake.delta_log import CommitUnknown, file_changes

ADD: dict[str, Any] = {
    "path": "run=1/a.parquet",
    "partitionValues": {"symbol": "AAPL", "month": "2026-10"},
    "size": 7,
    "modificationTime": 1_790_000_000_000,
    "dataChange": True,
    "stats": '{"numRecords": 390}',
}
REMOVE = {"path": "run=0/a.parquet", "partitionValues": ADD["partitionValues"], "dataChange": True}


def commit_of(*actions: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, actions)).encode()


def test_files_that_come_and_go() -> None:
    added, removed = file_changes(commit_of({"commitInfo": {}}, {"add": ADD}, {"remove": REMOVE}))

    assert added == [("AAPL", "2026-10", "run=1/a.parquet", 7, 390, 1_790_000_000_000)]
    assert removed == {"run=0/a.parquet": ("AAPL", "2026-10")}


def test_a_commit_without_files() -> None:
    assert file_changes(commit_of({"commitInfo": {"operation": "VACUUM END"}})) == ([], {})


@pytest.mark.parametrize(
    "action",
    [
        {"metaData": {"schemaString": "{}"}},
        {"protocol": {"minReaderVersion": 3}},
        {"add": ADD | {"deletionVector": {"storageType": "u"}}},
        {"add": ADD | {"stats": None}},
        {"add": ADD | {"stats": "{}"}},
        {"add": {key: value for key, value in ADD.items() if key != "size"}},
        {"add": ADD | {"partitionValues": {"symbol": "AAPL"}}},
        {"add": ADD | {"partitionValues": {"symbol": None, "month": "2026-10"}}},
        {"remove": {"path": "run=0/a.parquet"}},
        {"remove": None},
    ],
    ids=json.dumps,
)
def test_what_says_something_else_or_too_little_is_not_guessed(action: dict[str, Any]) -> None:
    with pytest.raises(CommitUnknown):
        file_changes(commit_of({"add": ADD}, action))


@pytest.mark.parametrize("commit", [commit_of({"add": ADD})[:-9], b"[1]", b"\xff\xfe"], ids=["torn", "list", "bytes"])
def test_what_is_no_commit_is_not_guessed(commit: bytes) -> None:
    with pytest.raises(CommitUnknown):
        file_changes(commit)
