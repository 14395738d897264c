"""The engines `spark` (Apache Spark inside this machine) and `spark://host:port` (a cluster's master)."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from analytics.engines import EngineUnavailable
from analytics.engines.base import SESSION_SETTINGS, START_SETTINGS, check_listens, connect_mode
from analytics.engines.buckets import FILE_SYSTEM, PACKAGES, bucket_settings
from analytics.engines.memory import memory_for

OLDEST_JAVA = 17
_MASTER_PORT = 7077
_EXECUTOR_SECONDS = 120
_LOGGING = Path(__file__).with_name("log4j2.properties")


@contextmanager
def open_apache_spark(master: str, storage_options: Mapping[str, str], rows: int) -> Iterator[SparkSession]:
    """Start a driver for `local[*]` or `spark://host:port`, that reads a bucket with these. Raises EngineUnavailable.

    A driver that this process has already is used and left running, for there can be only one.
    """
    with connect_mode(enabled=False):
        running = SparkSession.getActiveSession()
        session = running or _start(master, bucket_settings(storage_options) if storage_options else {}, rows)
        if storage_options:
            _check_reads_buckets(session)
        try:
            yield session
        finally:
            if running is None:
                session.stop()


def _start(master: str, settings: Mapping[str, str], rows: int) -> SparkSession:
    _check_java()
    if master.startswith("spark://") and "," not in master:
        check_listens(master, default_port=_MASTER_PORT)
    # Otherwise the workers run whatever `python3` the path holds, with other packages.
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master).appName("stockcompare")
    for name, value in {**SESSION_SETTINGS, **START_SETTINGS, **_driver_settings(master), **settings}.items():
        builder = builder.config(name, value)
    try:
        with memory_for(rows, local=master.startswith("local")):
            session = builder.getOrCreate()
    except Exception as error:  # Py4J and PySpark raise types of their own; all mean that no driver runs
        hint = " Its S3 client comes from Maven Central at the first start." if settings else ""
        raise EngineUnavailable(f"Apache Spark did not start at {master}: {error}{hint}") from error
    if not master.startswith("local"):
        _await_executor(session, master)
    return session


def _await_executor(session: SparkSession, master: str) -> None:
    """Wait until a worker has taken the work on; Spark would wait for ever. Raises EngineUnavailable."""
    if session.conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        return
    context: Any = session._jsparkSession.sparkContext()
    deadline = time.monotonic() + _EXECUTOR_SECONDS
    # The driver is among them.
    while context.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > deadline:
            wanted = session.conf.get("spark.executor.memory", "1g")
            session.stop()
            raise EngineUnavailable(
                f"No worker of {master} has {wanted} of memory and a processor free; waited {_EXECUTOR_SECONDS} s. "
                "Free one, or ask for less with SPARK_EXECUTOR_MEMORY."
            )
        time.sleep(0.1)


def _check_reads_buckets(session: SparkSession) -> None:
    """Refuse a driver that was started without an S3 client, as by spark-submit. Raises EngineUnavailable."""
    jvm: Any = session._jvm
    if not jvm.org.apache.spark.util.Utils.classIsLoadable(FILE_SYSTEM):
        packages = ",".join(PACKAGES)
        raise EngineUnavailable(f"This Spark has no S3 client. Give spark-submit --packages {packages}")


def _driver_settings(master: str) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    }
    if not master.startswith("local"):
        return settings
    return settings | {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


def _check_java() -> None:
    java = _find_java()
    if java is None:
        raise EngineUnavailable(f"Apache Spark needs Java {OLDEST_JAVA} or newer, and there is none. {_remedy()}")
    version = java_version(java)
    if version < OLDEST_JAVA:
        raise EngineUnavailable(f"Apache Spark needs Java {OLDEST_JAVA} or newer; {java} is {version}. {_remedy()}")


def _remedy() -> str:
    return "Install openjdk-17-jre-headless or set JAVA_HOME, or use the engine embedded, which needs no Java."


def _find_java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home:
        java = Path(home) / "bin" / "java"
        return str(java) if java.exists() else None
    return shutil.which("java")


def java_version(java: str) -> int:
    """Return the feature release of a Java runtime: 8 for 1.8.0, 17 for 17.0.21; 0 if it does not say."""
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match[1]) if match else 0
