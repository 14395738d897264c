"""`manage.py symbols` and the symbols in the admin."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from market.lake.location import Lake
from market.models import BackfillCell, Symbol
from market.providers.facts import Listing
from market.universe.listing import ListingImplausible, store_listing
from market.universe.tracking import add_symbol, search_symbols, tracked_symbols, traded_symbols
from tests.fetching import KEY
from tests.vendors import Vendor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _settings(settings: Settings, lake: Lake) -> None:
    settings.PRICES_PROVIDER, settings.PRICES_SYMBOLS = "synthetic", ["AAPL", "MSFT"]


def symbols(*arguments: str) -> str:
    output = io.StringIO()
    call_command("symbols", *arguments, stdout=output)
    return output.getvalue()


def listing(spelling: str, name: str, *, listed: str = "2010-01-04", delisted: str = "") -> Listing:
    return Listing(
        spelling,
        name,
        "NASDAQ",
        "Stock",
        date.fromisoformat(listed),
        date.fromisoformat(delisted) if delisted else None,
        not delisted,
    )


def test_the_made_up_market_has_a_listing_of_ten(settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = ""

    assert symbols("refresh") == "The listing has 10 symbols.\n"

    assert symbols("search", "berkshire").startswith("BRK.B    Berkshire Hathaway Inc - Class B, NYSE.")
    assert "NVDA is fetched from now on" in symbols("add", "NVDA")
    assert [line.split("  ")[0] for line in symbols("list").splitlines()] == ["AAPL", "MSFT", "NVDA"]
    assert "Apple Inc, NASDAQ" in symbols("list")


def months_of(symbol: str) -> list[str]:
    return sorted(BackfillCell.objects.filter(symbol=symbol, state="planned").values_list("month", flat=True))


@pytest.fixture
def listed() -> None:
    active = [
        listing("META", "Meta Platforms"),
        listing("BRK-B", "Berkshire"),
        listing("NEW", "New", listed="2026-10-05"),
    ]
    delisted = [
        listing("FB", "Meta Platforms", delisted="2022-06-09"),
        listing("GONE", "Gone Inc", delisted="2024-03-15"),
        listing("NEW", "An earlier bearer", delisted="2015-01-02"),
    ]
    store_listing(active, delisted, NOW)


def test_the_configured_symbols_are_fetched_until_somebody_says_otherwise() -> None:
    assert tracked_symbols() == ["AAPL", "MSFT"]

    symbols("add", "brk/b", "NVDA", "--from", "2026-10")
    symbols("remove", "MSFT")

    assert tracked_symbols() == ["AAPL", "BRK.B", "NVDA"]
    assert symbols("list").splitlines()[1].startswith("BRK.B")


def test_the_months_of_an_added_symbol_are_planned(settings: Settings) -> None:
    settings.BACKFILL_MONTHS = 3

    added = add_symbol("NVDA", "synthetic", NOW)

    assert months_of("NVDA") == ["2026-09", "2026-10", "2026-11"] == [str(month) for month in added.months]


def test_what_is_removed_is_planned_no_more_and_can_come_back() -> None:
    symbols("add", "NVDA", "--from", "2026-09")

    said = symbols("remove", "nvda")

    assert "NVDA is not fetched any more" in said
    assert months_of("NVDA") == []
    symbols("add", "NVDA", "--from", "2026-10")
    assert "2026-10" in months_of("NVDA")


def test_only_months_in_which_a_symbol_was_listed_are_planned(listed: None) -> None:
    add_symbol("NEW", "synthetic", NOW)
    gone = add_symbol("GONE", "synthetic", NOW)

    assert months_of("NEW") == ["2026-10", "2026-11"]
    assert (str(gone.months[0]), str(gone.months[-1])) == ("2022-04", "2024-03")
    assert gone.remark == "GONE was delisted on 2024-03-15."
    assert "GONE" in traded_symbols(date(2024, 3, 28))
    assert "GONE" not in traded_symbols(date(2026, 11, 23))


def test_a_renamed_symbol_says_its_new_name(listed: None) -> None:
    said = symbols("add", "FB")

    assert "FB is called META today; its months before that stay under FB." in said


def test_a_symbol_that_is_not_listed_is_refused_with_what_resembles_it(listed: None) -> None:
    with pytest.raises(CommandError, match=r"METAX is not in the listing of US symbols\. Similar: META, FB") as refused:
        symbols("add", "METAX")

    assert refused.value.returncode == 2
    symbols("add", "METAX", "--unlisted", "--from", "2026-11")
    assert "METAX" in tracked_symbols()


def test_search_finds_symbols_and_names_with_the_very_symbol_first(listed: None) -> None:
    assert [row.symbol for row in search_symbols("meta")] == ["META", "FB"]
    assert "BRK.B    Berkshire, NASDAQ." in symbols("search", "berkshire")


def test_a_listing_that_lost_most_of_its_symbols_is_not_taken(listed: None) -> None:
    with pytest.raises(ListingImplausible, match="has 1 symbols and the last one had 3"):
        store_listing([listing("META", "Meta Platforms")], [], NOW)

    assert Symbol.objects.get(symbol="BRK.B").name == "Berkshire"


def test_a_new_listing_keeps_what_was_added(listed: None) -> None:
    symbols("add", "META")

    store_listing([listing(name, "Another name") for name in ("META", "BRK-B", "NEW")], [], NOW)

    row = Symbol.objects.get(symbol="META")
    assert (row.tracking, row.name) == ("added", "Another name")


def test_the_listing_comes_from_the_vendor(vendor: Vendor, settings: Settings) -> None:
    settings.ALPHA_VANTAGE_URL, settings.ALPHA_VANTAGE_API_KEY = vendor.url, KEY

    assert "The listing has" in symbols("refresh")

    assert [call["state"] for call in vendor.calls()] == ["active", "delisted"]
    assert Symbol.objects.get(symbol="BRK.B").exchange


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add"], "takes one or more symbols"),
        (["list", "AAPL"], "takes no symbols"),
        (["add", "A%B"], "is not a symbol; write it like AAPL or BRK.B"),
        (["add", "NVDA", "--from", "2026"], "is not a month; write it like 2026-10"),
        (["remove", "TSLA"], "TSLA is not fetched; `manage.py symbols list` shows what is"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_a_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        symbols(*arguments)

    assert refused.value.returncode == 2


@pytest.fixture
def admin(user_store: str, make_user: Callable[..., Any]) -> Client:
    client = Client()
    client.force_login(make_user("helper", role="admin", is_staff=True))
    return client


def test_an_administrator_adds_a_symbol(admin: Client) -> None:
    page = admin.post(
        "/admin/market/symbol/add/", {"symbol": "brk-b", "first_month": "2026-10"}, follow=True
    ).content.decode()

    assert "months are planned; the worker begins within a minute" in page
    assert "BRK.B" in tracked_symbols()
    assert "2026-10" in months_of("BRK.B")


def test_an_administrator_is_told_what_is_wrong(admin: Client, listed: None) -> None:
    page = admin.post("/admin/market/symbol/add/", {"symbol": "METAX", "first_month": "soon"}).content.decode()

    assert "not in the listing of US symbols" in page
    assert "tick the box below" in page
    assert "is not a month" in page
    assert "METAX" not in tracked_symbols()


def test_the_list_shows_what_is_fetched_and_actions_change_it(admin: Client) -> None:
    page = admin.get("/admin/market/symbol/").content.decode()
    assert "AAPL" in page
    assert "MSFT" in page

    rows = [Symbol.objects.get(symbol="MSFT").pk]
    admin.post("/admin/market/symbol/", {"action": "stop_fetching", "_selected_action": rows})
    assert tracked_symbols() == ["AAPL"]
    admin.post("/admin/market/symbol/?prices=all", {"action": "start_fetching", "_selected_action": rows})
    assert tracked_symbols() == ["AAPL", "MSFT"]


def test_the_plan_is_paused_and_resumed_in_the_admin(admin: Client) -> None:
    symbols("add", "NVDA", "--from", "2026-10")

    assert "Pause all" in admin.get("/admin/market/backfillcell/").content.decode()
    assert admin.get("/admin/market/backfillcell/move/pause/").status_code == 405
    page = admin.post("/admin/market/backfillcell/move/pause/", follow=True).content.decode()
    assert "symbol-months paused." in page
    assert months_of("NVDA") == []
    admin.post("/admin/market/backfillcell/move/resume/")
    assert "2026-10" in months_of("NVDA")
    assert admin.post("/admin/market/backfillcell/move/sell/").status_code == 404


def test_a_viewer_on_the_staff_changes_nothing(user_store: str, make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user("vera", role="viewer", is_staff=True))

    assert client.post("/admin/market/symbol/add/", {"symbol": "NVDA"}).status_code == 403
    assert client.post("/admin/market/backfillcell/move/pause/").status_code == 403
