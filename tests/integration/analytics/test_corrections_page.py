"""The page of corrections: what a bar was and what it is now, narrowed by symbol and session, and as a file."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from market.corrections import Replacement, record
from market.lake.snapshots import Part
from tests.builders import make_bar, make_bars_table, make_lake, write_bars

FIRST = make_bar()["bar_start"]
SEEN = datetime(2026, 11, 3, 22, 10, tzinfo=UTC)
ADDRESS = "/corrections/"


def bar(minute: int, **values: Any) -> dict[str, Any]:
    return make_bar(bar_start=FIRST + timedelta(minutes=minute), **values)


@pytest.fixture
def corrected(tmp_path: Path, settings: Settings) -> None:
    """A lake in which one bar of AAPL was changed, one came late and one was withdrawn."""
    old = [bar(0), bar(1, close=100.11, volume=900), bar(3), bar(4)]
    new = [bar(0), bar(1, close=100.1234, volume=1000), bar(2, provider="massive"), bar(4)]
    lake = make_lake(tmp_path)
    write_bars(lake, [*new, bar(0, symbol="MSFT")])
    part = Part("AAPL", str(make_bar()["month"]))
    record(lake, Replacement(part, make_bars_table(old), make_bars_table(new), "raw/x/20261103T221000_abc", SEEN))
    settings.LAKE_URL = f"file://{tmp_path}"


def rows_of(content: str) -> list[list[str]]:
    """Return the cells of each row of the table, without their tags."""
    body = content[content.index("</thead>") : content.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


@pytest.mark.usefixtures("corrected")
def test_each_bar_is_shown_as_it_was_and_as_it_is_now(member: Client) -> None:
    content = member.get(ADDRESS).content.decode()
    withdrawn_before, withdrawn_now, late_before, late_now, changed_before, changed_now = rows_of(content)

    said = (
        "3 bars corrected after they were first here: 1 changed, 1 late, 1 withdrawn. The last was noticed on Tue 3 Nov"
    )
    assert said in content
    heads = [re.sub(r"<.*?>", "", row[0]) for row in (withdrawn_before, late_before, changed_before)]
    assert [head.partition("AAPL · ")[2] for head in heads] == ["withdrawn", "came late", "changed"]
    assert (withdrawn_now[1], late_before[2]) == ("no bar", "no bar")
    assert changed_before[5:7] == ["100.11", "900"]
    assert changed_now[4:6] == ["<b>100.1234</b>", "<b>1\u202f000</b>"]
    assert late_now[6:8] == ["massive", "Tue 3 Nov 2026, 17:10"]
    assert changed_now[8] == '<code title="raw/x/20261103T221000_abc">abc</code>'


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?symbol=AAPL&session=2026-10-01", "AAPL, 1 Oct 2026"),
        ("?symbol=MSFT", "No bar of MSFT was corrected"),
        ("?session=2026-10-02", "No bar on 2 Oct 2026 was corrected"),
    ],
)
def test_the_list_is_narrowed_by_symbol_and_session(member: Client, query: str, said: str) -> None:
    assert said in member.get(ADDRESS + query).content.decode()


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?symbol=NOPE", 404, "There are no bars of NOPE here"),
        ("?symbol=%3Cb%3E", 404, "There are no bars of"),
        ("?session=soon", 400, "YYYY-MM-DD"),
        ("?session=1900-01-01", 400, "Choose dates"),
        ("?format=xml", 400, "The format is"),
    ],
)
def test_what_cannot_be_shown_is_said(member: Client, query: str, status: int, said: str) -> None:
    response = member.get(ADDRESS + query)

    assert (response.status_code, said in response.content.decode()) == (status, True)


@pytest.mark.usefixtures("corrected")
def test_the_corrections_are_to_be_had_as_a_file(member: Client) -> None:
    page = member.get(f"{ADDRESS}?symbol=AAPL").content.decode()
    (address,) = re.findall(r'href="(/corrections/[^"]*format=csv)"', page)

    lines = member.get(address.replace("&amp;", "&")).content.decode().splitlines()

    table = [line for line in lines if not line.startswith("#")]
    assert lines[0] == "# StockCompare, corrections of AAPL"
    assert len(table) == 1 + 3
    assert "raw/x/20261103T221000_abc" in table[1]


@pytest.mark.usefixtures("market")
def test_without_corrections_the_page_says_what_they_are(member: Client) -> None:
    content = member.get(ADDRESS).content.decode()

    assert "No bar was corrected after it was first here" in content
    assert "Providers correct themselves." in content
    assert "every bar is as its first reply had it" in content


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", ["/data/", "/quality/", ADDRESS])
def test_the_pages_about_the_data_lead_to_each_other(member: Client, address: str) -> None:
    content = member.get(address).content.decode()

    for other in ("/data/", "/quality/", ADDRESS):
        assert f'href="{other}"' in content
    assert f'href="{address}" aria-current="page"' in content
