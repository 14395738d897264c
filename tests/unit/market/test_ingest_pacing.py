"""Waiting after refusals."""

import pytest

from market.ingest.pacing import delay_after


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 1.2, 1.8), (2, 2.4, 3.6), (3, 4.8, 7.2)])
def test_the_wait_after_a_failure_doubles_and_varies(failures: int, least: float, most: float) -> None:
    delays = {delay_after(1.2, failures) for _ in range(50)}

    assert least <= min(delays) < max(delays) <= most
