"""The pages of figures: the API's numbers, a reason where there is none, and the choice kept from page to page."""

import re
from html import unescape

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.integration.analytics.test_pages import explained_by_buttons

ADDRESSES = ["/statistics/AAPL/MSFT/", "/pair/AAPL/MSFT/"]
NO_OVERLAP = "from=2025-11-26&to=2025-11-28"


def rows_of(content: str) -> dict[str, list[str]]:
    """Return the cells of each row by the name of its measure; notes are not part of the name."""
    rows = {}
    for row in re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", content, re.S):
        name, *cells = re.split(r"<td[^>]*>", row)
        label = re.sub(r'<div class="about".*?</dl>\s*</div>|<span.*?</span>', "", name, flags=re.S)
        rows[text_of(label)] = [text_of(cell) for cell in cells]
    return rows


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", "").split())


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", [*ADDRESSES, "/statistics/", "/pair/"])
def test_a_visitor_is_led_to_sign_in_and_back(client: Client, address: str) -> None:
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address}")


@pytest.mark.usefixtures("market")
def test_statistics_are_those_of_the_api(member: Client, api: APIClient) -> None:
    content = member.get("/statistics/AAPL/MSFT/?range=MAX").content.decode()
    asked = "symbols=AAPL,MSFT&from=2025-10-31&to=2025-11-28&benchmark=MSFT"
    answer = api.get(f"/api/v1/statistics/?{asked}").json()

    rows = rows_of(content)
    gains = [each["figures"]["cumulative_return"]["value"] for each in answer["symbols"]]
    assert rows["Cumulative return"] == [f"{gain * 100:+.2f} %".replace("-", "−") for gain in gains]
    assert rows["Fell from its peak on"][0] == "Fri 31 Oct 2025, 15:59"
    lead = answer["relative"][0]["figures"]["excess_return"]["value"]
    assert rows["Excess return"] == [f"{lead * 100:+.2f} points".replace("-", "−")]
    assert "1 376 minutes" in text_of(content.replace("\u202f", " "))


@pytest.mark.usefixtures("market")
def test_what_a_few_sessions_cannot_tell_is_a_dash_with_its_reason(member: Client) -> None:
    content = member.get("/statistics/AAPL/MSFT/?range=MAX").content.decode()

    assert rows_of(content)["Annual return"] == ["–", "–"]
    assert "Needs at least 252 session returns; the range has 2." in content
    assert "Only 2 session returns; under 20 this says little." in content
    assert "the range is too short to tell the difference from chance" in content


@pytest.mark.usefixtures("market")
def test_a_pair_is_that_of_the_api(member: Client, api: APIClient) -> None:
    content = member.get("/pair/AAPL/MSFT/?range=MAX").content.decode()
    figures = api.get("/api/v1/pair/?symbols=AAPL,MSFT&from=2025-10-31&to=2025-11-28").json()["figures"]

    rows = rows_of(content)
    expected = [f"{figures[name]['value']:.2f}".replace("-", "−") for name in ("correlation_5min", "beta_5min")]
    assert rows["5 minutes"] == expected
    assert rows["Last price ratio"] == [f"{figures['ratio_last']['value']:.4f}"]
    assert "Adjusted for splits" in content


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", [*ADDRESSES, "/compare/AAPL/MSFT/"])
def test_the_choice_is_kept_from_one_view_to_the_next(member: Client, address: str) -> None:
    content = member.get(f"{address}?range=5D&adjustment=all").content.decode()

    for page in ("compare", "statistics", "pair"):
        assert f'href="/{page}/AAPL/MSFT/?range=5D&amp;adjustment=all"' in content


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_measure_explains_itself(member: Client, address: str) -> None:
    explained = explained_by_buttons(member.get(address).content.decode())

    assert len(explained) > 10
    assert all("Formula" in text and "Needs" in text for text in explained.values())


@pytest.mark.usefixtures("market")
def test_one_symbol_has_statistics_and_three_say_which_are_against_which(member: Client) -> None:
    alone = member.get("/statistics/AAPL/").content.decode()
    three = member.get("/statistics/AAPL/BRK.B/MSFT/?range=MAX").content.decode()

    assert "not available: A comparison needs two symbols." in alone
    assert "Against" not in alone
    assert "Against MSFT" in three
    assert 'href="/statistics/BRK.B/MSFT/AAPL/?range=MAX"' in three
    assert "not available: A pair is two symbols." in three
    assert 'href="/pair/AAPL/BRK.B/?range=MAX"' in three


@pytest.mark.usefixtures("market")
def test_symbols_without_a_common_minute_are_measured_alone(member: Client) -> None:
    statistics = member.get(f"/statistics/AAPL/BRK.B/?{NO_OVERLAP}").content.decode()
    pair = member.get(f"/pair/AAPL/BRK.B/?{NO_OVERLAP}").content.decode()

    assert "each over its own minutes" in statistics
    assert "The two share no minute in the range." in statistics
    assert "BRK.B has no minutes in this range" in statistics
    assert "AAPL and BRK.B share no minute in this range" in pair


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/statistics/AAPL/NVDA/", 404, "no bars of NVDA"),
        ("/pair/AAPL/NVDA/", 404, "no bars of NVDA"),
        ("/pair/AAPL/", 400, "two symbols"),
        ("/pair/AAPL/MSFT/BRK.B/", 400, "at most 2 symbols"),
        ("/statistics/A/B/C/D/E/F/G/", 400, "at most 6"),
        ("/statistics/AAPL/?range=2W", 400, "1D, 5D"),
        ("/pair/AAPL/MSFT/?from=2025-11-28&to=2025-11-01", 400, "exchange the two dates"),
        ("/pair/AAPL/MSFT/?adjustment=none", 400, "The adjustment is"),
        ("/statistics/AAPL/?format=xml", 400, "The format is"),
    ],
)
def test_what_cannot_be_shown_is_a_page_with_a_sentence(member: Client, address: str, status: int, said: str) -> None:
    response = member.get(address)

    assert (response.status_code, said in response.content.decode()) == (status, True)


@pytest.mark.usefixtures("no_bars")
@pytest.mark.parametrize("address", [*ADDRESSES, "/statistics/", "/pair/"])
def test_without_bars_each_page_says_what_to_run(member: Client, address: str) -> None:
    assert "fetch_prices" in member.get(address).content.decode()


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("address", "name", "said"),
    [
        ("/statistics/AAPL/MSFT/", "statistics-AAPL-MSFT.csv", b"sharpe_ratio"),
        ("/pair/AAPL/MSFT/", "pair-AAPL-MSFT.csv", b"half_life_minutes"),
    ],
)
def test_figures_can_be_taken_away(member: Client, address: str, name: str, said: bytes) -> None:
    response = member.get(f"{address}?range=MAX&format=csv")

    assert name in response["Content-Disposition"]
    assert said in response.content


@pytest.mark.usefixtures("market")
def test_a_comparison_can_be_saved_as_it_is_shown(member: Client) -> None:
    content = member.get("/compare/AAPL/MSFT/?from=2025-11-03&to=2025-11-28&mode=price").content.decode()

    form = re.search(r'<form [^>]*action="/account/comparisons/">(.*?)</form>', content, re.DOTALL)
    assert form
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    sent.pop("csrfmiddlewaretoken")
    assert sent == {
        "symbols": "AAPL,MSFT",
        "first": "2025-11-03",
        "last": "2025-11-28",
        "mode": "price",
        "adjustment": "split",
        "name": "AAPL against MSFT",
    }
