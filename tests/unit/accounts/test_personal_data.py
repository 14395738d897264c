"""Parts of what is kept about a person."""

import pytest

from accounts import personal_data


@pytest.fixture(autouse=True)
def _no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "_parts", {})


def test_every_part_is_exported_under_its_name_and_erased() -> None:
    things = {"u1": ["AAPL"], "u2": ["MSFT"]}
    personal_data.register("watchlists", export=lambda uid: things.get(uid, []), erase=lambda uid: things.pop(uid, 0))
    personal_data.register("keys", export=lambda uid: [], erase=lambda uid: None)

    assert personal_data.export_all("u1") == {"keys": [], "watchlists": ["AAPL"]}
    personal_data.erase_all("u1")
    personal_data.erase_all("u1")

    assert things == {"u2": ["MSFT"]}


def test_a_part_that_cannot_be_read_fails_the_whole() -> None:
    def broken(uid: str) -> None:
        raise OSError(uid)

    personal_data.register("broken", export=broken, erase=broken)

    with pytest.raises(OSError, match="u1"):
        personal_data.export_all("u1")
