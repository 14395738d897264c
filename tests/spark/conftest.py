"""Sessions of the engines, one each for the whole run: the JVM alone takes seconds to start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pyspark.sql import SparkSession

from analytics.engines import open_engine
from analytics.engines.base import connect_mode

# PySpark itself leaves the sockets on which a JVM hands over results to the garbage collector.
PYSPARK_LEAKS = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
ENGINES = ["embedded", pytest.param("spark", marks=[pytest.mark.spark, PYSPARK_LEAKS])]

# So small are these runs that a JVM spends most of its time on compiling what it hardly uses: a third less this way.
# What it keeps results in is smaller this way, and would fill up.
HASTY_JVM = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"

OpenSession = Callable[[str], SparkSession]


@pytest.fixture(scope="session")
def open_session() -> Iterator[OpenSession]:
    """Return a function that opens an engine's session the first time and returns it after that."""
    sessions: dict[str, SparkSession] = {}
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("JDK_JAVA_OPTIONS", HASTY_JVM)

        def opened(engine: str) -> SparkSession:
            if engine not in sessions:
                sessions[engine] = stack.enter_context(open_engine(engine, {}))
            return sessions[engine]

        yield opened


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def session(engine: str, open_session: OpenSession) -> Iterator[SparkSession]:
    opened = open_session(engine)
    with connect_mode(enabled=engine == "embedded"):
        yield opened
