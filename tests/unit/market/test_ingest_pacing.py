"""Spacing requests and waiting after refusals."""

import pytest

from market.ingest.pacing import Pacer, delay_after


def test_the_first_request_waits_for_nothing() -> None:
    waits: list[float] = []

    Pacer(50, waits.append).wait_turn()

    assert waits == []


def test_the_next_requests_keep_their_distance() -> None:
    waits: list[float] = []
    pacer = Pacer(50, waits.append)

    pacer.wait_turn()
    pacer.wait_turn()

    assert waits == [pytest.approx(1.2, abs=0.1)]


def test_a_provider_without_a_limit_is_asked_at_once() -> None:
    waits: list[float] = []
    pacer = Pacer(None, waits.append)

    for _ in range(3):
        pacer.wait_turn()

    assert waits == []


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 1.2, 1.8), (2, 2.4, 3.6), (3, 4.8, 7.2)])
def test_the_wait_after_a_failure_doubles_and_varies(failures: int, least: float, most: float) -> None:
    delays = {delay_after(1.2, failures) for _ in range(50)}

    assert least <= min(delays) < max(delays) <= most
