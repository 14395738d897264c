"""Settings of a real web process under test: those of the suite, with the addresses that the test names."""

import os

from tests.settings import *  # noqa: F403

AWS_ENDPOINT_URL_DYNAMODB = os.environ["TEST_DYNAMODB_URL"]
ALLOWED_HOSTS = ["127.0.0.1"]
LOGIN_ATTEMPTS_PER_ADDRESS = 1_000_000
LOGIN_ATTEMPTS_PER_NAME = 1_000_000
ACCOUNTS_REQUESTS_PER_TARGET = ACCOUNTS_REQUESTS_PER_ADDRESS = 1_000_000
