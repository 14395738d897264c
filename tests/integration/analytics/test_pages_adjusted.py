"""The pages across a split: prices on one footing unless somebody asks for them as traded, and said either way.

AAPL splits 2:1 on 26 Nov 2025 and goes ex-dividend on 28 Nov; MSFT does neither.
"""

import re
from html import unescape

import pytest
from django.test import Client

from tests.integration.analytics.test_pages import boot_of

pytestmark = pytest.mark.usefixtures("market")

ADDRESSES = ["/compare/AAPL/MSFT/", "/daily/AAPL/MSFT/", "/hourly/AAPL/MSFT/", "/averages/AAPL/"]
SPLIT = {"symbol": "AAPL", "session": "2025-11-26", "kind": "split", "value": 2.0}
DIVIDEND = {"symbol": "AAPL", "session": "2025-11-28", "kind": "dividend", "value": 0.25}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("adjustment", "said", "events"),
    [
        ("", "Adjusted for splits: AAPL 2 for 1 on 26 Nov 2025", [SPLIT]),
        ("all", "Adjusted for splits and dividends: AAPL 2 for 1 on 26 Nov 2025, AAPL $0.25 on", [SPLIT, DIVIDEND]),
        ("raw", "Prices as traded, not adjusted for AAPL 2 for 1 on 26 Nov 2025", [SPLIT]),
    ],
)
def test_a_page_says_what_it_did_about_the_events_of_its_range(
    member: Client, address: str, adjustment: str, said: str, events: list[dict[str, object]]
) -> None:
    query = f"&adjustment={adjustment}" if adjustment else ""
    content = unescape(member.get(f"{address}?range=MAX{query}").content.decode())

    assert said in content
    assert boot_of(content)["adjustment"] == (adjustment or "split")
    assert boot_of(content)["events"] == events


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2025-11-28&to=2025-11-28", "Nothing to adjust: no splits in this range"),
        ("from=2025-11-28&to=2025-11-28&adjustment=all", "Nothing to adjust: no splits or dividends in this range"),
        ("from=2025-11-28&to=2025-11-28&adjustment=raw", "Prices as traded; no splits in this range"),
        ("from=2025-10-31&to=2025-11-03", "Adjusted for splits after this range: AAPL 2 for 1 on 26 Nov 2025"),
        ("from=2025-10-31&to=2025-11-03&adjustment=raw", "Prices as traded; no splits in this range"),
    ],
)
def test_a_range_without_events_says_so(member: Client, query: str, said: str) -> None:
    assert f">{said}</li>" in member.get(f"/daily/AAPL/?{query}").content.decode()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/daily/MSFT/?range=MAX", "Splits of MSFT are not known: nobody was asked."),
        ("/daily/MSFT/?range=MAX&adjustment=all", "Splits and dividends of MSFT are not known: nobody was asked."),
        ("/compare/AAPL/MSFT/?range=MAX", "Splits of MSFT are not known: nobody was asked."),
    ],
)
def test_where_nobody_was_asked_about_splits_the_page_says_that_instead(
    member: Client, address: str, said: str
) -> None:
    content = member.get(address).content.decode()

    assert said in content
    assert "no splits" not in content


@pytest.mark.parametrize(("adjustment", "close"), [("split", f"{104.89 / 2:.2f}"), ("raw", "104.89")])
def test_the_tables_are_on_the_basis_that_is_chosen(member: Client, adjustment: str, close: str) -> None:
    address = f"from=2025-11-03&to=2025-11-03&adjustment={adjustment}"

    daily = member.get(f"/daily/AAPL/?{address}").content.decode()
    ends = member.get(f"/averages/AAPL/?{address}").content.decode()
    compared = member.get(f"/compare/AAPL/MSFT/?{address}").content.decode()

    assert [f'<td class="number">{close}</td>' in content for content in (daily, ends, compared)] == [True] * 3


def test_every_link_of_a_page_keeps_the_adjustment(member: Client) -> None:
    content = unescape(member.get("/compare/AAPL/MSFT/?range=MAX&adjustment=raw").content.decode())

    assert 'href="/compare/AAPL/MSFT/?range=5D&adjustment=raw"' in content
    assert 'href="/compare/AAPL/MSFT/?range=MAX&mode=price&adjustment=raw"' in content
    assert 'href="/compare/AAPL/MSFT/?range=MAX&adjustment=raw&format=csv"' in content
    assert '<input type="hidden" name="adjustment" value="raw">' in content
    assert re.findall(r'href="([^"]+)"[^>]*>Adjusted for splits<', content) == ["/compare/AAPL/MSFT/?range=MAX"]


def test_a_download_names_the_events_it_was_adjusted_for(member: Client) -> None:
    lines = member.get("/daily/AAPL/?range=MAX&format=csv").content.decode().splitlines()

    assert "prices adjusted for splits: AAPL split 2 on 2025-11-26" in lines[2]
