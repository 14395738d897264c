"""Processes that do one thing at the same moment, round after round."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections

FORK = multiprocessing.get_context("fork")
ANSWER_SECONDS = 120
_STOP = "no further round"

Race = Callable[[Any], list[Any]]


@contextmanager
def racers(count: int, run: Callable[[int, Any], Any]) -> Iterator[Race]:
    """Keep `count` processes. The value runs one round: `race(turn)` calls `run(number, turn)` in each of them at the
    same moment and returns what each returned, or the name of what it raised."""
    start = FORK.Barrier(count)
    pipes = [FORK.Pipe() for _ in range(count)]
    processes = [
        FORK.Process(target=_take_part, args=(number, start, theirs, run), daemon=True)
        for number, (_, theirs) in enumerate(pipes)
    ]
    for process in processes:
        process.start()

    def race(turn: Any) -> list[Any]:
        for ours, _ in pipes:
            ours.send(turn)
        return [_answer(ours) for ours, _ in pipes]

    try:
        yield race
    finally:
        for process, (ours, theirs) in zip(processes, pipes, strict=True):
            with suppress(BrokenPipeError):
                ours.send(_STOP)
            process.join(5)
            process.kill()
            process.join()
            ours.close()
            theirs.close()


def _answer(pipe: "Connection[Any, Any]") -> Any:
    if not pipe.poll(ANSWER_SECONDS):
        raise TimeoutError("a process did not answer")
    return pipe.recv()


def _take_part(number: int, start: Any, pipe: "Connection[Any, Any]", run: Callable[[int, Any], Any]) -> None:
    from accounts.dynamo import client

    # What was opened before the fork belongs to the parent.
    http: Any = client.connection().client._endpoint.http_session
    http.close()
    connections.close_all()
    while (turn := pipe.recv()) != _STOP:
        start.wait(ANSWER_SECONDS)
        try:
            pipe.send(run(number, turn))
        except Exception as error:  # any other outcome must reach the parent
            pipe.send(type(error).__name__)
    os._exit(0)
