"""What every engine has in common: its failures and the settings of a session."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

# Apache Spark writes INT96 timestamps unless told, which no other reader of the lake expects.
SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}

_CONNECT_MODE = "SPARK_CONNECT_MODE_ENABLED"


class EngineUnavailable(Exception):
    """The engine cannot run here; the message says what it lacks."""


@contextmanager
def connect_session(url: str) -> Iterator[SparkSession]:
    """Open a fresh session at a Spark Connect address `sc://host:port`. Raises EngineUnavailable."""
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    with connect_mode():
        try:
            session = ConnectSession.builder.remote(url).create()
            for name, value in SESSION_SETTINGS.items():
                session.conf.set(name, value)
        except (PySparkException, OSError) as error:
            raise EngineUnavailable(f"No Spark Connect server answers at {url}: {error}") from error
        try:
            yield session  # type: ignore[misc]  # the connect client mirrors SparkSession without being one
        finally:
            session.stop()


@contextmanager
def connect_mode() -> Iterator[None]:
    """Let `pyspark.sql.functions` build expressions for Spark Connect; outside it they belong to a JVM."""
    before = os.environ.get(_CONNECT_MODE)
    os.environ[_CONNECT_MODE] = "1"
    try:
        yield
    finally:
        os.environ.pop(_CONNECT_MODE)
        if before is not None:
            os.environ[_CONNECT_MODE] = before
