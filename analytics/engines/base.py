"""What every engine has in common: the settings of a session, and how one is opened by Spark Connect."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from analytics.engines import EngineUnavailable

# Apache Spark writes INT96 timestamps unless told, which no other reader of the lake expects.
SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Apache Spark would sort what it writes by part, and need not keep the order within a part if that spills to disk.
    "spark.sql.maxConcurrentOutputFileWriters": "1000",
}
# What only those can set who start the engine: a Spark Connect server elsewhere refuses it.
START_SETTINGS = {
    # Notes the line of each column expression for error messages: a sixth of the time of a small run.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}

ROWS_A_TASK = 100_000
FEWEST_TASKS, MOST_TASKS = 2, 200

# What the program is written for; a server of another version may answer some questions, and others wrongly.
SPARK_VERSION = 4

_CONNECT_PORT = 15002
_KNOCK_SECONDS = 10
_CONNECT_MODE = "SPARK_CONNECT_MODE_ENABLED"


def fit_shuffle(session: SparkSession, rows: int) -> None:
    """Let a shuffle of so many rows have as many tasks as they deserve; Spark's own 200 are for far more."""
    tasks = max(FEWEST_TASKS, -(-rows // ROWS_A_TASK))
    session.conf.set("spark.sql.shuffle.partitions", str(min(tasks, MOST_TASKS)))


@contextmanager
def connect_session(url: str, settings: Mapping[str, str] = SESSION_SETTINGS) -> Iterator[SparkSession]:
    """Open a fresh session at a Spark Connect address `sc://host:port`. Raises EngineUnavailable."""
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    check_listens(url, default_port=_CONNECT_PORT)
    with connect_mode(enabled=True), ExitStack() as until_done:
        try:
            session = ConnectSession.builder.remote(url).create()
            until_done.callback(_stop, session)
            for name, value in settings.items():
                session.conf.set(name, value)
        except (PySparkException, OSError) as error:
            raise EngineUnavailable(f"No Spark Connect server answers at {url}: {error}") from error
        check_version(url, session.version)
        yield session  # type: ignore[misc]  # the connect client mirrors SparkSession without being one


def _stop(session: Any) -> None:
    """Stop a session so that nothing is left for its finalizer to do.

    That would close the pool of threads which all sessions of a process share. Whenever Python finds the garbage: in
    the middle of a later session's work with the pool, which then waits for itself without end.
    """
    try:
        session.stop()
    finally:
        session.client.close = lambda: None


def check_version(where: str, version: str) -> None:
    """Refuse a Spark whose version the program was not written for. Raises EngineUnavailable."""
    if version.split(".")[0] != str(SPARK_VERSION):
        raise EngineUnavailable(
            f"{where} runs Spark {version}, and this program needs Spark {SPARK_VERSION}. "
            "Choose another server or another engine."
        )


def check_listens(url: str, *, default_port: int) -> None:
    """Knock at an address before a client does, which would go on for minutes. Raises EngineUnavailable."""
    address = urlsplit(url)
    try:
        port = address.port or default_port
        socket.create_connection((address.hostname or "", port), timeout=_KNOCK_SECONDS).close()
    except (OSError, ValueError) as error:
        raise EngineUnavailable(
            f"No Spark answers at {url}: {error}. Start it there or choose another engine."
        ) from error


@contextmanager
def connect_mode(*, enabled: bool) -> Iterator[None]:
    """Say for which client `pyspark.sql.functions` builds expressions: Spark Connect, or a JVM in this process."""
    before = os.environ.pop(_CONNECT_MODE, None)
    if enabled:
        os.environ[_CONNECT_MODE] = "1"
    try:
        yield
    finally:
        os.environ.pop(_CONNECT_MODE, None)
        if before is not None:
            os.environ[_CONNECT_MODE] = before
