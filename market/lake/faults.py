"""Say in one sentence why the lake cannot be used and what to do, whichever library met the fault."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from market.lake.location import Lake

# Texts of object_store (deltalake) and of botocore (django-storages) for the same faults.
_S3_FAULTS = (
    (r"NoSuchBucket", "the bucket {bucket} does not exist; create it, or correct LAKE_URL"),
    (
        r"AccessDenied|Forbidden|\b403\b|necessary privileges|InvalidAccessKeyId|SignatureDoesNotMatch",
        "access to the bucket {bucket} was denied; let these AWS credentials list, read and write it",
    ),
    (
        r"NoCredentials|locate credentials|credentials provider|CredentialsNotLoaded|instance metadata",
        "no AWS credentials for the bucket {bucket}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
    ),
    (
        r"SlowDown|ServiceUnavailable|Service Unavailable|\b503\b",
        "the S3 server of the bucket {bucket} is too busy or out of order; run again later",
    ),
    (
        r"could not connect|EndpointConnection|error sending request|tcp connect|dns error|timed? ?out",
        "the S3 endpoint of the bucket {bucket} did not answer; check the network and AWS_ENDPOINT_URL_S3",
    ),
)
_LOCAL_FAULTS = {
    errno.ENOSPC: "the disk is full; make room and run again",
    errno.EDQUOT: "the quota of this user is used up; make room and run again",
    errno.EFBIG: "this user may not write files that large; raise the limit and run again",
    errno.EACCES: "this user may not write there; change its owner or LAKE_URL",
    errno.EROFS: "the file system is read-only; change LAKE_URL",
    errno.ENOTDIR: "a part of this path is a file; change LAKE_URL",
}


class LakeUnreachable(Exception):
    """The lake did not do what it was asked, so nobody can say what is in it; the message says what to do."""


def unreachable(lake: Lake, error: Exception) -> LakeUnreachable:
    """Return the error that tells an operator about a fault of storage."""
    return LakeUnreachable(f"The lake {lake.url} cannot be used: {_reason(lake, error)}.")


def _reason(lake: Lake, error: Exception) -> str:
    text = str(error)
    if lake.url.startswith("s3://"):
        bucket = lake.url.removeprefix("s3://").partition("/")[0]
        for pattern, reason in _S3_FAULTS:
            if re.search(pattern, f"{type(error).__name__} {text}", re.IGNORECASE):
                return reason.format(bucket=bucket)
    elif (number := _error_number(error)) in _LOCAL_FAULTS:
        return _LOCAL_FAULTS[number]
    plain = re.sub(r"\x1b\[\d*m", "", text)
    return " ".join(plain.split())[:300].rstrip(".")


def _error_number(error: Exception) -> int:
    """Return the number of the system's error, which object_store (deltalake) tells in words only; 0 without one."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    told = re.search(r"\(os error (\d+)\)", str(error))
    return int(told[1]) if told else 0


@contextmanager
def reaching(lake: Lake) -> Iterator[None]:
    """Turn the faults of Django's file storage into LakeUnreachable; an absent file stays FileNotFoundError."""
    faults = _storage_faults(lake)
    try:
        yield
    except FileNotFoundError:
        raise
    except faults as error:
        raise unreachable(lake, error) from error


def _storage_faults(lake: Lake) -> tuple[type[Exception], ...]:
    if not lake.url.startswith("s3://"):
        return (OSError,)
    # A lake of files must not pay 0.3 s for the AWS libraries.
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, Boto3Error, BotoCoreError, ClientError)
