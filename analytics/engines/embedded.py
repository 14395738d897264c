"""The engine `embedded`: Sail in this process, spoken to by Spark Connect on loopback. No JVM."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.sql import SparkSession

from analytics.engines.base import connect_session

# The object store inside Sail reads these, whatever the lake's own client calls them.
_SAIL_NAMES = {"AWS_ENDPOINT_URL": "AWS_ENDPOINT", "AWS_ALLOW_HTTP": "AWS_ALLOW_HTTP"}


@contextmanager
def open_embedded(storage_options: Mapping[str, str]) -> Iterator[SparkSession]:
    """Serve and open a session. Sail takes its S3 endpoint from the environment, so this sets it for the process."""
    for name, value in storage_options.items():
        os.environ[_SAIL_NAMES.get(name, name)] = value
    # Read when the library is loaded: Sail tells its life story at INFO and a clean stop at WARN.
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        with connect_session(f"sc://{host}:{port}") as session:
            yield session
    finally:
        server.stop()
