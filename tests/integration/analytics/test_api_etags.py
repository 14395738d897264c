"""Strong tags, one for each encoding, and answers that a client has already."""

import gzip

import brotli
import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("market")

PATHS = ["symbols/", "compare/?symbols=AAPL,MSFT", "daily/?symbols=AAPL", "tiles/bars/AAPL/2025-11/", "sessions/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_what_a_client_has_is_not_sent_again(api: APIClient, path: str, encoding: str) -> None:
    first = api.get(f"/api/v1/{path}", headers={"Accept-Encoding": encoding})

    again = api.get(f"/api/v1/{path}", headers={"Accept-Encoding": encoding, "If-None-Match": first["ETag"]})

    assert first.status_code == 200
    assert first["ETag"].startswith('"')
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]


@pytest.mark.parametrize("path", PATHS)
def test_another_tag_gets_the_whole_answer(api: APIClient, path: str) -> None:
    response = api.get(f"/api/v1/{path}", headers={"If-None-Match": '"other", W/"another"'})

    assert response.status_code == 200
    assert response.content


@pytest.mark.parametrize("given", ["*", "W/{tag}", '"other", {tag}'])
def test_if_none_match_is_read_as_the_standard_has_it(api: APIClient, given: str) -> None:
    tag = api.get("/api/v1/symbols/")["ETag"]

    assert api.get("/api/v1/symbols/", headers={"If-None-Match": given.format(tag=tag)}).status_code == 304


def test_a_tile_has_a_tag_for_each_encoding(api: APIClient) -> None:
    answers = {
        encoding: api.get("/api/v1/tiles/bars/AAPL/2025-11/", headers={"Accept-Encoding": encoding})
        for encoding in ("identity", "gzip", "br", "gzip;q=0, br;q=0", "gzip, deflate, br")
    }

    assert len({answer["ETag"] for answer in answers.values()}) == 3
    assert gzip.decompress(answers["gzip"].content) == answers["identity"].content
    assert brotli.decompress(answers["gzip, deflate, br"].content) == answers["identity"].content
    assert "Content-Encoding" not in answers["gzip;q=0, br;q=0"]
    assert all("Accept-Encoding" in answer["Vary"] for answer in answers.values())


def test_no_answer_varies_by_the_token(api: APIClient) -> None:
    for path in PATHS:
        assert "authorization" not in api.get(f"/api/v1/{path}")["Vary"].lower()
