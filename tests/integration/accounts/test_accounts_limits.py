"""How often something may be asked for."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from accounts import limits, personal_data
from accounts.dynamo.tables import AttemptItem
from accounts.errors import StoreUnavailable
from accounts.limits import TooMany
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = pytest.mark.usefixtures("user_store")
NOON = 1_790_000_000 // 3600 * 3600


def reserve(subject: str = "ada", *, at: float = NOON, limit: int = 2) -> None:
    limits.reserve("key_use", subject, limit=limit, seconds=60, now=at)


def test_the_limit_is_per_subject_and_window() -> None:
    reserve()
    reserve(at=NOON + 10)
    with pytest.raises(TooMany) as refused:
        reserve(at=NOON + 20)

    assert refused.value.retry_after == 40
    reserve("bob", at=NOON + 20)
    reserve(at=NOON + 60)


def test_a_burst_gets_exactly_the_limit_through() -> None:
    def attempt(_: int) -> bool:
        try:
            reserve(limit=5)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 5


def test_the_table_does_not_hold_the_subject() -> None:
    reserve("ada@example.org", at=time.time())

    assert [item.bucket for item in AttemptItem.scan() if "example" in item.bucket] == []
    assert AttemptItem.count() == 1


def test_a_deleted_user_takes_along_what_it_owns_or_stays(make_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    erased: list[str] = []
    fail = [True]

    def erase(uid: str) -> None:
        if fail:
            raise StoreUnavailable
        erased.append(uid)

    monkeypatch.setattr(personal_data, "_parts", {})
    personal_data.register("things", export=lambda uid: [], erase=erase)
    user = make_user("ada")
    with pytest.raises(StoreUnavailable):
        user.delete()
    assert User.objects.filter(pk="ada").exists()

    fail.clear()
    user.delete()

    assert set(erased) == {user.uid}
    assert not User.objects.filter(pk="ada").exists()


def test_a_lost_reply_of_the_counter_never_opens_the_gate(user_store: str, settings: Any) -> None:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", "UpdateItem", times=1)
        # Counted twice, because the client sends it again: too strict for once, never too lax.
        reserve(limit=2)

        with pytest.raises(TooMany):
            reserve(limit=2)
