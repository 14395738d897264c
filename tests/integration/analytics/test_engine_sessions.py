"""Sessions of the engine that follow each other in one process, as in the worker's."""

from pyspark.sql.connect.client.reattach import ExecutePlanResponseReattachableIterator

from analytics.engines import open_engine


def test_the_finalizer_of_a_session_that_was_closed_leaves_the_threads_of_the_next_one_alone() -> None:
    with open_engine("embedded", {}, 0) as earlier:
        assert earlier.range(3).count() == 3

    with open_engine("embedded", {}, 0) as session:
        assert session.range(3).count() == 3
        threads = ExecutePlanResponseReattachableIterator._release_thread_pool_instance
        # Python calls it whenever it finds the garbage, be it while this very session hands work to its threads.
        earlier.__del__()  # type: ignore[attr-defined]  # of the connect client

        assert threads is not None
        assert ExecutePlanResponseReattachableIterator._release_thread_pool_instance is threads
        assert session.range(3).count() == 3
