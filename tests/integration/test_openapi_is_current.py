"""The committed description of the API is the one that the code gives."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("openapi") / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    return file.read_text()


def test_the_committed_description_is_current(generated: str) -> None:
    committed = Path(REPOSITORY / "openapi.yaml").read_text()

    assert committed == generated, "run `manage.py spectacular --validate --fail-on-warn --file openapi.yaml`"


def test_every_operation_of_the_market_states_its_refusals(generated: str) -> None:
    paths = yaml.safe_load(generated)["paths"]
    reads = [path["get"] for path in paths.values() if "get" in path]
    operations = [read for read in reads if not {"auth", "saved"} & set(read["tags"])]

    assert len(operations) >= 9
    for operation in operations:
        assert {"200", "400", "401", "404"} <= set(operation["responses"]), operation["operationId"]
        assert operation["security"] == [{"api_key": []}, {"bearer": []}]
