"""The places that can run the PySpark program, and the one module that knows them by name.

`embedded` (Sail, in process) is the default, `spark` is Apache Spark on this machine, `sc://host:port` and
`spark://host:port` are clusters. Importing this package imports no engine.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHOICES = "embedded, spark, sc://host:port or spark://host:port"


class EngineUnknown(ValueError):
    """No engine has this name."""


class EngineUnavailable(Exception):
    """The engine cannot run here; the message says what it lacks."""


def check_engine(name: str) -> str:
    """Return the name if an engine has it. Raises EngineUnknown."""
    known = name in ("embedded", "spark")
    remote = any(name.startswith(scheme) and name != scheme for scheme in ("sc://", "spark://"))
    if not known and not remote:
        raise EngineUnknown(f"{name!r} is no engine; choose {CHOICES}.")
    return name


def open_engine(name: str, storage_options: Mapping[str, str], rows: int = 0) -> "AbstractContextManager[SparkSession]":
    """Open a session of an engine, in UTC; `storage_options` are the lake's: empty but for S3.

    A JVM that this starts gets memory for so many rows at once.

    Raises EngineUnknown here, and EngineUnavailable when the session is entered.
    """
    check_engine(name)
    if name == "embedded":
        from analytics.engines.embedded import open_embedded

        return open_embedded(storage_options)
    if name.startswith("sc://"):
        from analytics.engines.base import connect_session

        return connect_session(name)
    from analytics.engines.apache import open_apache_spark

    return open_apache_spark("local[*]" if name == "spark" else name, storage_options, rows)
