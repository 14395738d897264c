"""The API's description as a page."""

from pathlib import Path

import yaml
from django.test import Client

from tests.conftest import REPOSITORY


def test_the_page_names_every_operation_and_every_shape(client: Client) -> None:
    description = yaml.safe_load(Path(REPOSITORY / "openapi.yaml").read_text())

    content = client.get("/api/v1/docs/").content.decode()

    for path, methods in description["paths"].items():
        assert path in content
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in content
    assert 'id="Comparison"' in content
    assert "list of ComparedSeries" in content


def test_the_page_needs_no_script_and_no_sign_in(client: Client) -> None:
    response = client.get("/api/v1/docs/")

    assert response.status_code == 200
    assert "style=" not in response.content.decode()
