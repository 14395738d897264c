"""What Apache Spark is given: for a lake in a bucket, and of memory."""

import os
from pathlib import Path

import pyspark
import pytest

from analytics.engines.buckets import HADOOP, bucket_settings
from analytics.engines.memory import heap_for, machine_memory, memory_for

OPTIONS = {"max_retries": "5", "connect_timeout": "5s"}


def test_the_s3_client_is_of_the_hadoop_that_pyspark_brings() -> None:
    jars = Path(pyspark.__file__).parent / "jars"

    assert [jar.name for jar in jars.glob("hadoop-client-api-*.jar")] == [f"hadoop-client-api-{HADOOP}.jar"]


def test_amazon_itself_gets_no_endpoint_and_buckets_as_host_names() -> None:
    settings = bucket_settings(OPTIONS)

    assert settings["spark.hadoop.fs.s3.impl"].endswith("S3AFileSystem")
    assert not [name for name in settings if name.endswith((".endpoint", ".path.style.access", ".ssl.enabled"))]


def test_an_endpoint_of_ones_own_is_asked_as_it_is_written() -> None:
    settings = bucket_settings(OPTIONS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9000", "AWS_ALLOW_HTTP": "true"})

    assert settings["spark.hadoop.fs.s3a.endpoint"] == "http://127.0.0.1:9000"
    assert settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] == "false"
    assert settings["spark.hadoop.fs.s3a.path.style.access"] == "true"


def test_no_credential_is_a_setting() -> None:
    settings = bucket_settings(OPTIONS | {"AWS_SECRET_ACCESS_KEY": "hidden"})

    assert "hidden" not in str(settings)


@pytest.mark.parametrize(
    ("rows", "megabytes"), [(0, 1024), (250_000, 1024), (1_000_000, 1024), (4_000_000, 2689), (20_000_000, 11845)]
)
def test_memory_follows_the_rows_that_are_worked_on_at_once(rows: int, megabytes: int) -> None:
    assert heap_for(rows) == megabytes


def test_a_driver_gets_half_of_the_machine_at_most_and_an_executor_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SPARK_DRIVER_MEMORY", "SPARK_EXECUTOR_MEMORY"):
        monkeypatch.delenv(name, raising=False)

    with memory_for(10**9, local=True), memory_for(10**9, local=False):
        driver, executor = os.environ["SPARK_DRIVER_MEMORY"], os.environ["SPARK_EXECUTOR_MEMORY"]

    assert driver == f"{machine_memory() // 2}m"
    assert executor == f"{heap_for(10**9)}m"
    assert "SPARK_DRIVER_MEMORY" not in os.environ


def test_memory_that_a_person_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_DRIVER_MEMORY", "3g")

    with memory_for(10**9, local=True):
        assert os.environ["SPARK_DRIVER_MEMORY"] == "3g"

    assert os.environ["SPARK_DRIVER_MEMORY"] == "3g"
