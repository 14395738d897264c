"""What the policies in docs/aws allow, and what a call of DynamoDB needs."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from accounts.dynamo.tables import PREFIX
from tests.conftest import REPOSITORY

# A table or an index of it, without the prefix, and the action.
Permission = tuple[str, str]


@cache
def allowed_by(policy: str) -> frozenset[Permission]:
    """Return what a policy allows in DynamoDB."""
    found = set()
    for statement in json.loads((REPOSITORY / f"docs/aws/{policy}.json").read_text())["Statement"]:
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            table = resource.partition(":table/stockcompare-")[2].replace("/index", "")
            found |= {(table, action) for action in statement["Action"] if table}
    return frozenset(found)


def needed_for(operation: str, params: dict[str, Any]) -> Iterator[Permission]:
    if operation == "TransactWriteItems":
        # It has no action of its own: AWS asks for that of each step.
        for step in params["TransactItems"]:
            ((kind, what),) = step.items()
            action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
            yield _bare(what["TableName"]), f"dynamodb:{action}"
    elif "RequestItems" in params:
        for name in params["RequestItems"]:
            yield _bare(name), f"dynamodb:{operation}"
    else:
        index = f"/{params['IndexName']}" if "IndexName" in params else ""
        yield _bare(params["TableName"]) + index, f"dynamodb:{operation}"


def _bare(name: str) -> str:
    return name.removeprefix(PREFIX)
