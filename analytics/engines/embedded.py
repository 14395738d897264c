"""The engine `embedded`: Sail in this process, spoken to by Spark Connect on loopback. No JVM."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from pyspark.sql import SparkSession

from analytics.engines.base import SESSION_SETTINGS, START_SETTINGS, connect_session

# What the lake's own client calls the S3 endpoint, and the variables of which Sail's object store reads it.
_VARIABLES = {"AWS_ENDPOINT_URL": "AWS_ENDPOINT", "AWS_ALLOW_HTTP": "AWS_ALLOW_HTTP"}


@contextmanager
def open_embedded(storage_options: Mapping[str, str]) -> Iterator[SparkSession]:
    """Serve and open a session. Sail takes its S3 endpoint from the environment, so this sets it for the process."""
    for name, variable in _VARIABLES.items():
        if name in storage_options:
            os.environ[variable] = storage_options[name]
    # Read when the library is loaded: Sail tells its life story at INFO and a clean stop at WARN.
    os.environ.setdefault("RUST_LOG", "error")
    # So are these: Sail's allocator would keep what a query needed. To give it back at once, and not after 10 ms, saves
    # a fifth of the memory of a large run and costs a fourteenth of its time.
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "10")
    os.environ.setdefault("MIMALLOC_ABANDONED_PAGE_PURGE", "1")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        with connect_session(f"sc://{host}:{port}", SESSION_SETTINGS | START_SETTINGS) as session:
            # Ctrl-C stops the server, too, which the client would go on asking for ten minutes.
            cast(Any, session).client.set_retry_policies([])
            yield session
    finally:
        server.stop()
