"""`manage.py describe_roles`: print docs/roles.md, from the rights and the API as they are."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from drf_spectacular.generators import SchemaGenerator

from accounts.roles import RIGHTS, Role

INTRODUCTION = """# Roles

Viewers look; analysts also export, save and share; administrators also manage users, schedules and data.
This page is written by `manage.py describe_roles` (part of `make types`) from `accounts/roles.py` and the API's views.

## What each role may do
"""
PLACES = """
A superuser may do everything an administrator may, and alone gives roles and rights. `is_staff` opens the admin site,
which shows what the role allows. A change of role counts from the next request on; tiles alone, which are known by
the access token, follow when that token ends.

A key can do what both its scopes and its owner's role allow; every key can read.

On the pages, prices need `analytics.view_prices` and files (CSV, Parquet) `analytics.export_prices`; who lacks it gets
403, and no link.

## The API
"""
NEEDS = {"none": "nothing", "own account": "to be signed in, not by an API key"}


class Command(BaseCommand):
    help = "Print docs/roles.md: what each role may do, and what each operation of the API needs."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join([INTRODUCTION, *_rights(), PLACES, *_operations()]))


def _rights() -> Iterator[str]:
    yield f"| | {' | '.join(Role.values)} | permission | scope of API keys |"
    yield "|---|---|---|---|---|---|"
    for right in RIGHTS:
        marks = ["yes" if role in right.roles else "" for role in Role]
        yield f"| {right.words} | {' | '.join(marks)} | `{right.permission}` | {right.scope or 'none'} |"


def _operations() -> Iterator[str]:
    description: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    yield "| operation | needs |"
    yield "|---|---|"
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"| `{method.upper()} {path}` | {_need(operation)} |"


def _need(operation: dict[str, Any]) -> str:
    needed = operation["x-required-permission"]
    words = NEEDS.get(needed, f"`{needed}`")
    download = operation.get("x-download-permission")
    return f"{words}; `{download}` for CSV and Parquet" if download else words
