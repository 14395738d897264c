"""Where users live while `make up` runs: the embedded server, an endpoint that was set, or AWS when it was chosen.

Nothing falls through to a real account: AWS needs STOCKCOMPARE_AWS=1, and an emulator refuses real credentials.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
BINARY = Path("tools/node_modules/@dynoxide/linux-x64/dynoxide")

# An emulator accepts any key; boto3 only insists that there is one.
_DUMMY = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
# Long-term and temporary access keys of AWS: docs "IAM identifiers, unique identifiers", read 2026-11.
_REAL_KEY = re.compile(r"A(KIA|SIA)[A-Z0-9]{16}$")
_IDENTITY_SOURCES = ("AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class DynamoDBRefused(ValueError):
    """The settings would mix an emulator with a real account, or leave users nowhere to live."""


@dataclass(frozen=True, slots=True)
class UserStore:
    """`embedded` means: start the server and give its address to the children."""

    embedded: bool
    label: str


def choose_user_store(environment: Mapping[str, str], *, aws: bool, endpoint: str, lake_url: str) -> UserStore:
    """Decide from the settings, reading nothing else. Raises DynamoDBRefused with what to change."""
    real = _real_credentials(environment)
    if aws:
        if endpoint and _is_loopback(endpoint):
            raise DynamoDBRefused(
                f"STOCKCOMPARE_AWS=1 asks for the real account, but {ENDPOINT} points at {endpoint}. Unset one of them."
            )
        return UserStore(embedded=False, label="Amazon DynamoDB")
    if real:
        raise DynamoDBRefused(
            f"{real} holds real AWS credentials, but users would live in an emulator. Set STOCKCOMPARE_AWS=1 to use "
            f"the account, or leave the credentials out: env -u {real} make up"
        )
    if lake_url.startswith("s3://") and "AWS_ENDPOINT_URL_S3" not in environment:
        raise DynamoDBRefused(
            "LAKE_URL is a bucket, so this needs an AWS account: set STOCKCOMPARE_AWS=1 and credentials "
            "(or AWS_ENDPOINT_URL_S3 for an S3 server of your own)."
        )
    return UserStore(embedded=not endpoint, label=endpoint or "embedded DynamoDB")


def _real_credentials(environment: Mapping[str, str]) -> str | None:
    if _REAL_KEY.match(environment.get("AWS_ACCESS_KEY_ID", "")):
        return "AWS_ACCESS_KEY_ID"
    return next((name for name in _IDENTITY_SOURCES if environment.get(name)), None)


def _is_loopback(endpoint: str) -> bool:
    return urlsplit(endpoint).hostname in _LOOPBACK


def embedded_environment(environment: Mapping[str, str], *, port: int) -> dict[str, str]:
    """The children's environment: the emulator's address, and credentials that open nothing else."""
    return _DUMMY | dict(environment) | {ENDPOINT: f"http://127.0.0.1:{port}"}


def embedded_command(base_dir: Path, *, port: int, database: Path) -> list[str]:
    """Return the server's command line. Raises DynamoDBRefused when set-up did not install it."""
    binary = base_dir / BINARY
    if not os.access(binary, os.X_OK):
        raise DynamoDBRefused(
            "The embedded DynamoDB server is not installed (it exists for Linux on x86-64). Run `make setup`, or set "
            f"{ENDPOINT} to a DynamoDB Local of your own, or STOCKCOMPARE_AWS=1 for Amazon DynamoDB."
        )
    return [str(binary), "serve", "--host", "127.0.0.1", "--port", str(port), "--db-path", str(database)]
