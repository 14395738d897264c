"""The pages without their scripts: they say the finding, show the table, and refuse with a sentence."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from analytics.queries.reader import LakeReader
from market.lake.tables import LakeUnreachable

pytestmark = pytest.mark.usefixtures("market")

CHART_PAGES = ["/compare/AAPL/MSFT/", "/daily/AAPL/MSFT/", "/hourly/AAPL/MSFT/", "/averages/AAPL/"]
PAGES = [*CHART_PAGES, "/data/"]


def boot_of(content: str) -> dict[str, Any]:
    match = re.search(r'<script id="boot" type="application/json">(.*?)</script>', content)
    assert match
    boot: dict[str, Any] = json.loads(match[1])
    return boot


def explained_by_buttons(content: str) -> dict[str, str]:
    """Return the label of each button that explains a measure, with what it opens; each opens one of its own."""
    opened = re.findall(r'<button class="term" [^>]*popovertarget="([^"]+)">([^<]+)</button>', content)
    texts = dict(re.findall(r'<div class="about" id="([^"]+)" role="note" popover>(.*?)</div>\s*</dl>', content, re.S))
    assert sorted(target for target, _ in opened) == sorted(texts), "a page names each measure once"
    return {label: texts[target] for target, label in opened}


@pytest.mark.parametrize(
    "address", [*PAGES, "/quality/", "/corrections/", "/compare/", "/daily/", "/hourly/", "/averages/"]
)
def test_a_visitor_is_led_to_sign_in_and_back(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={address}"


def test_a_visitor_sees_what_this_is_and_no_market_data(client: Client) -> None:
    content = client.get("/").content.decode()

    assert "/sign-in/" in content
    assert "AAPL" not in content


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_finding_table_source_and_boot_data(member: Client, address: str) -> None:
    response = member.get(address)
    content = response.content.decode()

    assert response.status_code == 200
    assert re.search(r'<p class="finding[^>]*>[^<]{20,}', content)
    assert "<table" in content
    assert "Source: alpha_vantage" in content
    assert 'id="island"' in content
    boot = re.search(r'<script id="boot"[^>]*>(.*?)</script>', content)
    assert boot
    assert len(boot[1]) <= 20_000


@pytest.mark.parametrize("address", PAGES)
def test_scripts_and_styles_come_by_address_only(member: Client, address: str) -> None:
    content = member.get(address).content.decode()

    for attributes in re.findall(r"<script([^>]*)>", content):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert "<style" not in content
    assert "style=" not in content
    assert not re.search(r"\son\w+=", content)


def test_the_comparison_says_who_leads(member: Client) -> None:
    content = member.get("/compare/AAPL/MSFT/?range=MAX&adjustment=raw").content.decode()

    assert "AAPL leads by 6.5 points since 31 Oct" in content
    boot = boot_of(content)
    assert boot["comparison"]["matched_minutes"] == 1376
    assert boot["sessions"]["rows"][0][0] == "2025-10-31"
    assert boot["symbols"] == ["AAPL", "MSFT"]


def test_the_boot_data_are_what_the_api_answers(member: Client, api: Any) -> None:
    boot = boot_of(member.get("/compare/AAPL/MSFT/?range=1D").content.decode())
    dates = boot["range"]

    asked = f"symbols=AAPL,MSFT&from={dates['from']}&to={dates['to']}&adjustment={boot['adjustment']}"
    answer = api.get(f"/api/v1/compare/?{asked}").json()

    assert boot["comparison"] == answer


def test_a_half_day_is_shown_whole(member: Client) -> None:
    boot = boot_of(member.get("/compare/AAPL/MSFT/?range=1D").content.decode())

    assert boot["comparison"]["rows"] == 210


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/compare/", "/compare/AAPL/MSFT/"),
        ("/averages/", "/averages/AAPL/"),
        ("/compare/?symbols=msft, brk-b&range=1D", "/compare/MSFT/BRK.B/?range=1D"),
        ("/daily/?symbols=MSFT", "/daily/MSFT/"),
    ],
)
def test_a_form_without_script_leads_to_the_page_of_its_symbols(member: Client, address: str, target: str) -> None:
    response = member.get(address)

    assert response.status_code == 302
    assert response["Location"] == target


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/compare/AAPL/NVDA/", 404, "no bars of NVDA"),
        ("/compare/AAPL/", 400, "two symbols"),
        ("/compare/AAPL/AAPL/", 400, "two symbols"),
        ("/compare/A/B/C/D/E/F/G/", 400, "at most 6"),
        ("/averages/AAPL/MSFT/", 400, "one symbol"),
        ("/daily/%3Cscript%3E/", 400, "is not a symbol"),
        ("/daily/%00/", 400, "is not a symbol"),
        ("/daily/AAPL/?range=2W", 400, "1D, 5D"),
        ("/daily/AAPL/?from=soon", 400, "YYYY-MM-DD"),
        ("/daily/AAPL/?from=2025-11-28&amp;to=2025-11-01", 200, "Daily averages"),
        ("/daily/AAPL/?from=2025-11-28&to=2025-11-01", 400, "exchange the two dates"),
        ("/daily/AAPL/?from=1900-01-01", 400, "Choose dates"),
        ("/daily/AAPL/?mode=candle", 400, "The mode is"),
        ("/daily/AAPL/?adjustment=none", 400, "The adjustment is split, all, raw."),
        ("/daily/AAPL/?format=xml", 400, "The format is"),
        ("/compare/AAPL/BRK.B/?from=2025-11-26&to=2025-11-28", 404, "share no minute"),
    ],
)
def test_what_cannot_be_shown_is_a_page_with_a_sentence(member: Client, address: str, status: int, said: str) -> None:
    response = member.get(address)

    assert response.status_code == status
    assert said in response.content.decode()


@pytest.mark.usefixtures("no_bars")
@pytest.mark.parametrize("address", ["/", *PAGES, "/compare/"])
def test_without_bars_each_page_says_what_to_run(member: Client, address: str) -> None:
    response = member.get(address)

    assert response.status_code == 200
    assert "No bars yet" in response.content.decode()
    assert "fetch_prices" in response.content.decode()


def test_ranges_that_the_data_do_not_reach_are_shown_with_the_reason(member: Client) -> None:
    content = member.get("/compare/AAPL/MSFT/").content.decode()

    assert "not available: The bars begin on 31 Oct 2025." in content
    assert 'href="/compare/AAPL/MSFT/?range=5D"' in content


def test_a_table_that_does_not_fit_has_pages(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.pages.views.TABLE_ROWS", 3)

    first = member.get("/daily/AAPL/?range=MAX").content.decode()
    second = member.get("/daily/AAPL/?range=MAX&page=2").content.decode()

    assert "?range=MAX&amp;page=2" in first
    assert "31 Oct 2025</th>" in second


def test_a_lake_that_does_not_answer_is_a_page_with_503(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_reader: LakeReader, _name: str) -> None:
        raise LakeUnreachable("s3://bucket: connection refused")

    monkeypatch.setattr(LakeReader, "view", unreachable)

    response = member.get("/data/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/daily/AAPL/MSFT/", "The average price over the minutes of the session."),
        ("/hourly/AAPL/MSFT/", "Σ c·v / Σ v"),
        ("/averages/AAPL/", "An average close in which the newest minutes weigh most."),
        ("/compare/AAPL/MSFT/", "How much each gained since all could be compared."),
        ("/data/", "Whether the session is complete."),
    ],
)
def test_the_headings_of_a_table_are_buttons_that_say_what_they_mean(member: Client, address: str, said: str) -> None:
    content = member.get(address).content.decode()

    assert explained_by_buttons(content)
    assert any(said in text for text in explained_by_buttons(content).values())
    assert not re.search(r"<th [^>]*title=", content)


def test_the_page_of_quality_lists_alarms_and_on_demand_notices(member: Client) -> None:
    alarms = member.get("/quality/").content.decode()
    everything = member.get("/quality/?severity=all&symbol=AAPL").content.decode()

    assert "sessions to look at in 5 months of bars" in alarms
    assert "Missing session" in alarms
    assert "First session" not in alarms
    assert "First session" in everything
    assert '<option value="AAPL" selected>' in everything
    assert "<td>MSFT</td>" not in everything


def test_the_page_of_quality_explains_an_unknown_symbol(member: Client) -> None:
    response = member.get("/quality/?symbol=NOPE")

    assert response.status_code == 404
    assert "There are no bars of NOPE here" in response.content.decode()
