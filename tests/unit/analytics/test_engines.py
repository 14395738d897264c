"""What Apache Spark is given for a lake in a bucket."""

from pathlib import Path

import pyspark

from analytics.engines.buckets import HADOOP, bucket_settings

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
