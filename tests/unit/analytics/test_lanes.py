"""Work in lanes: several pieces at a time, results in order, and an end at the first failure."""

from collections.abc import Callable
from threading import Barrier, Event

import pytest

from analytics.jobs.lanes import Lanes, Stopped

SECONDS = 20


def waits_until_stopped(lanes: Lanes, begun: Event, ended: Event) -> Callable[[], str]:
    """Return work that goes on until other work fails, and then asks whether it may still have an effect."""

    def work() -> str:
        begun.set()
        while True:
            try:
                lanes.check()
            except Stopped:
                ended.set()
                raise

    return work


def begins(begun: Event) -> Callable[[], str]:
    def work() -> str:
        begun.set()
        return "begun"

    return work


def test_lanes_give_results_in_order_and_work_at_the_same_time() -> None:
    meeting, second_done = Barrier(2), Event()

    def first() -> str:
        meeting.wait(SECONDS)
        assert second_done.wait(SECONDS)
        return "first"

    def second() -> str:
        meeting.wait(SECONDS)
        second_done.set()
        return "second"

    with Lanes(2) as lanes:
        assert list(lanes.run([first, second, lambda: "third"])) == ["first", "second", "third"]


def test_lanes_stop_at_the_first_failure_and_raise_it_when_nothing_is_under_way() -> None:
    under_way, ended, begun = Event(), Event(), Event()

    def fails() -> str:
        assert under_way.wait(SECONDS)
        raise KeyError("the first failure")

    with Lanes(2) as lanes:
        pieces = [lambda: "done", waits_until_stopped(lanes, under_way, ended), fails, begins(begun)]
        with pytest.raises(KeyError, match="the first failure"):
            list(lanes.run(pieces))

    assert ended.is_set()
    assert not begun.is_set()


def test_lanes_give_what_was_done_before_a_failure() -> None:
    def fails() -> str:
        raise KeyError

    with Lanes(1) as lanes:
        given = lanes.run([lambda: "done", fails, lambda: "never"])
        assert next(given) == "done"
        with pytest.raises(KeyError):
            next(given)


def test_lanes_end_with_what_is_under_way_when_whoever_takes_the_results_is_interrupted() -> None:
    under_way, ended, begun = Event(), Event(), Event()

    def interrupted() -> None:
        with Lanes(1) as lanes:
            for _ in lanes.run([lambda: "done", waits_until_stopped(lanes, under_way, ended), begins(begun)]):
                assert under_way.wait(SECONDS)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert ended.is_set()
    assert not begun.is_set()
