"""Where users live: nothing falls through to a real account."""

import pytest

from stockcompare.up.dynamodb import DynamoDBRefused, UserStore, choose_user_store, embedded_environment

FILES = "file:///srv/lake"
BUCKET = "s3://prices/lake"
EXAMPLE_KEY = "AKIAIOSFODNN7EXAMPLE"  # the documentation's example key of AWS


def choose(
    environment: dict[str, str] | None = None, *, aws: bool = False, endpoint: str = "", lake_url: str = FILES
) -> UserStore:
    return choose_user_store(environment or {}, aws=aws, endpoint=endpoint, lake_url=lake_url)


def test_without_any_setting_the_embedded_server_is_started() -> None:
    assert choose().embedded


def test_an_endpoint_that_was_set_is_used_as_it_is() -> None:
    store = choose(endpoint="http://127.0.0.1:8001")

    assert not store.embedded
    assert store.label == "http://127.0.0.1:8001"


def test_aws_is_used_only_when_it_was_chosen() -> None:
    assert choose({"AWS_ACCESS_KEY_ID": EXAMPLE_KEY}, aws=True, lake_url=BUCKET).label == "Amazon DynamoDB"


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"AWS_ACCESS_KEY_ID": EXAMPLE_KEY}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "ASIA" + EXAMPLE_KEY[4:]}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_PROFILE": "work"}, "AWS_PROFILE"),
        ({"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"}, "AWS_ROLE_ARN"),
    ],
)
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:8001"])
def test_real_credentials_and_an_emulator_are_refused(environment: dict[str, str], names: str, endpoint: str) -> None:
    with pytest.raises(DynamoDBRefused, match=f"{names}.*STOCKCOMPARE_AWS=1"):
        choose(environment, endpoint=endpoint)


def test_the_message_does_not_repeat_the_key() -> None:
    with pytest.raises(DynamoDBRefused) as refused:
        choose({"AWS_ACCESS_KEY_ID": EXAMPLE_KEY})

    assert EXAMPLE_KEY not in str(refused.value)


def test_aws_with_an_emulator_endpoint_is_refused() -> None:
    with pytest.raises(DynamoDBRefused, match="Unset one of them"):
        choose(aws=True, endpoint="http://localhost:8001")


def test_a_bucket_without_aws_is_refused() -> None:
    with pytest.raises(DynamoDBRefused, match="STOCKCOMPARE_AWS=1"):
        choose(lake_url=BUCKET)


def test_a_bucket_on_an_s3_server_of_ones_own_is_accepted() -> None:
    assert choose({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}, lake_url=BUCKET).embedded


def test_dummy_credentials_are_given_only_where_none_are_set() -> None:
    environment = embedded_environment({"AWS_ACCESS_KEY_ID": "mine", "HOME": "/home/me"}, port=8001)

    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:8001"
    assert environment["AWS_ACCESS_KEY_ID"] == "mine"
    assert environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["HOME"] == "/home/me"
