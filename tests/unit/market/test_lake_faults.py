"""What an operator reads when the lake cannot be used."""

import errno
from pathlib import Path

import pytest

from market.lake.faults import LakeUnreachable, reaching, unreachable
from market.lake.location import Lake
from tests.builders import make_lake

BUCKET = Lake(url="s3://prices/stocks", storage=make_lake(Path("/nowhere")).storage)


@pytest.mark.parametrize(
    ("text", "what_to_do"),
    [
        ("404 <Error><Code>NoSuchBucket</Code>", "the bucket prices does not exist; create it, or correct LAKE_URL"),
        (
            "An error occurred (403) when calling the HeadObject operation: Forbidden",
            "access to the bucket prices was denied",
        ),
        ("The operation lacked the necessary privileges to complete", "access to the bucket prices was denied"),
        ("Unable to locate credentials", "no AWS credentials for the bucket prices; set AWS_ACCESS_KEY_ID"),
        ('Could not connect to the endpoint URL: "http://127.0.0.1:9"', "did not answer; check the network"),
        ("Generic S3 error \x1b[31m↳\x1b[0m error sending request", "did not answer; check the network"),
    ],
)
def test_a_fault_of_s3_is_named_with_its_bucket(text: str, what_to_do: str) -> None:
    assert what_to_do in str(unreachable(BUCKET, OSError(text)))


@pytest.mark.parametrize(
    ("number", "what_to_do"),
    [
        (errno.ENOSPC, "the disk is full; make room"),
        (errno.EDQUOT, "the quota of this user is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "this user may not write there"),
    ],
)
def test_a_fault_of_the_disk_is_named_with_its_folder(tmp_path: Path, number: int, what_to_do: str) -> None:
    with pytest.raises(LakeUnreachable) as fault, reaching(make_lake(tmp_path)):
        raise OSError(number, "oh")

    assert str(tmp_path) in str(fault.value)
    assert what_to_do in str(fault.value)


def test_a_fault_of_the_disk_that_deltalake_met_is_named_alike(tmp_path: Path) -> None:
    error = OSError("Generic LocalFileSystem error ↳ Unable to delete file /x: Permission denied (os error 13)")

    assert "this user may not write there" in str(unreachable(make_lake(tmp_path), error))


def test_a_fault_that_nobody_knows_is_told_as_it_is() -> None:
    message = str(unreachable(BUCKET, OSError("\x1b[31mslow\x1b[0m\n   down.")))

    assert message == "The lake s3://prices/stocks cannot be used: slow down."


def test_an_absent_file_is_no_fault_of_the_lake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), reaching(make_lake(tmp_path)):
        raise FileNotFoundError
