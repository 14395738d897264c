"""The risk-free rate of the page of statistics: counted with, said, kept by every link and form, refused when wrong."""

import re
from html import unescape

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.integration.analytics.test_pages import boot_of
from tests.integration.analytics.test_statistics_pages import rows_of, text_of

PAGE = "/statistics/AAPL/MSFT/"
RATE = "risk_free_percent"
RATIOS = ("sharpe_ratio", "sortino_ratio")


def links_of(content: str) -> list[str]:
    """Return the addresses that the page of statistics leads to with choices in them."""
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', content)]
    return [link for link in links if re.match(r"/(compare|statistics|pair)/\w.*\?", link)]


def forms_of(content: str) -> list[dict[str, str]]:
    """Return what each form of choices sends as it stands, nothing twice."""
    forms = re.findall(r'<form class="form form--row"(.*?)</form>', content, re.DOTALL)
    sent = [re.findall(r'<input[^>]* name="(\w+)"[^>]*? value="([^"]*)"', form) for form in forms]
    assert [len(dict(fields)) for fields in sent] == [len(fields) for fields in sent]
    return [dict(fields) for fields in sent]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("percent", ["4.5", "-0.75"])
def test_the_ratios_are_those_of_the_api_for_the_rate(member: Client, api: APIClient, percent: str) -> None:
    rows = rows_of(member.get(f"{PAGE}?range=MAX&{RATE}={percent}").content.decode())
    asked = f"symbols=AAPL,MSFT&from=2025-10-31&to=2025-11-28&risk_free={float(percent) / 100}"
    measured = api.get(f"/api/v1/statistics/?{asked}").json()["symbols"]

    for label, name in zip(("Sharpe ratio", "Sortino ratio"), RATIOS, strict=True):
        values = [each["figures"][name]["value"] for each in measured]
        assert rows[label] == ["–" if value is None else f"{value:.2f}".replace("-", "−") for value in values]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "count without a risk-free rate."),
        (f"{RATE}=0", "count without a risk-free rate."),
        (f"{RATE}=4.5", "count with a risk-free rate of 4.5\u00a0% a year."),
        (f"{RATE}=-0.75", "count with a risk-free rate of −0.75\u00a0% a year."),
        (f"{RATE}=7", "count with a risk-free rate of 7\u00a0% a year."),
    ],
)
def test_the_page_says_what_the_ratios_count_with(member: Client, query: str, said: str) -> None:
    content = member.get(f"{PAGE}?range=MAX&{query}").content.decode()

    assert f"the Sharpe and Sortino ratios {said}" in " ".join(re.split(r"[ \n]+", content))


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("chosen", ["range=MAX", "from=2025-11-03&to=2025-11-28"])
def test_every_link_and_form_keeps_the_rate_and_the_other_choices(member: Client, chosen: str) -> None:
    content = member.get(f"/statistics/AAPL/BRK.B/MSFT/?{chosen}&mode=price&adjustment=all&{RATE}=4.5").content.decode()
    links = links_of(content)
    symbols, dates, rate = forms_of(content)

    assert len(links) > 10
    assert {link for link in links if f"{RATE}=4.5" not in link} == set()
    assert {link.split("format=")[1] for link in links if "format=" in link} == {"csv", "parquet"}
    others = dict(pair.split("=") for pair in chosen.split("&")) | {"mode": "price", "adjustment": "all"}
    assert symbols == {"symbols": "AAPL, BRK.B, MSFT", **others, RATE: "4.5"}
    assert {name: dates[name] for name in ("mode", "adjustment", RATE)} == {
        "mode": "price",
        "adjustment": "all",
        RATE: "4.5",
    }
    assert rate == {**others, RATE: "4.5"}


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("nought", ["0.0", "-0"])
def test_without_a_rate_no_address_names_one(member: Client, nought: str) -> None:
    content = member.get(f"{PAGE}?range=MAX&{RATE}={nought}").content.decode()
    symbols, dates, rate = forms_of(content)

    assert [link for link in links_of(content) if RATE in link] == []
    assert (RATE in symbols, RATE in dates, rate[RATE]) == (False, False, "0")


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("view", ["compare", "pair"])
def test_the_views_beside_it_lead_back_with_the_rate(member: Client, view: str) -> None:
    content = member.get(f"/{view}/AAPL/MSFT/?range=MAX&{RATE}=4.5").content.decode()

    assert f'href="{PAGE}?range=MAX&amp;{RATE}=4.5"' in content


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(("query", "rate"), [(f"?{RATE}=4.50", "4.5"), ("", "0")])
def test_a_chart_is_told_the_rate_that_its_script_must_keep(member: Client, query: str, rate: str) -> None:
    content = member.get(f"/compare/AAPL/MSFT/{query}").content.decode()

    assert boot_of(content)["rate"] == rate


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("text", ["much", "4000", "-101", "nan", "inf", "4,5", ""])
def test_what_is_no_rate_is_answered_with_what_to_write(member: Client, text: str) -> None:
    response = member.get(PAGE, {"range": "MAX", RATE: text})

    assert response.status_code == 400
    assert "Write the risk-free rate as percent a year from −100 to 100, for example 4.5" in text_of(
        response.content.decode()
    )


@pytest.mark.usefixtures("market")
def test_a_form_of_symbols_leads_on_with_the_rate(member: Client) -> None:
    response = member.get("/statistics/", {"symbols": "AAPL MSFT", RATE: "4.5"})

    assert response["Location"] == f"{PAGE}?{RATE}=4.5"


@pytest.mark.usefixtures("market")
def test_the_download_counts_with_the_rate_and_says_so(member: Client) -> None:
    without, with_rate = (
        member.get(f"{PAGE}?range=MAX&format=csv{query}").content.decode() for query in ("", f"&{RATE}=4.5")
    )

    assert "# Sharpe and Sortino ratios with a risk-free rate of 0\u00a0% a year\n" in without
    assert "# Sharpe and Sortino ratios with a risk-free rate of 4.5\u00a0% a year\n" in with_rate
    changed = {line.split(",")[2] for line in set(with_rate.splitlines()) - set(without.splitlines()) if line[0] != "#"}
    assert "sharpe_ratio" in " ".join(changed)
    assert changed <= {f'"{name}"' for name in RATIOS}
