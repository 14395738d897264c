"""The API's description as a page of the site: what drf-spectacular generates, without a script from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter of an operation or a field of an answer; `kind` says its type in a word or two."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    status: str
    kinds: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    name: str
    description: str
    fields: tuple[Field, ...]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the operations by area, and the shapes of their answers. Open to everybody: it holds no market data."""
    description = _description()
    areas: dict[str, list[Operation]] = {}
    for operation, tag in _operations(description["paths"]):
        areas.setdefault(tag, []).append(operation)
    shapes = [
        Shape(name, schema.get("description", ""), tuple(_fields(schema)))
        for name, schema in description["components"]["schemas"].items()
        if "properties" in schema
    ]
    context = {"about": description["info"]["description"], "areas": areas, "shapes": shapes}
    return render(request, "pages/docs.html", context)


@cache
def _description() -> Json:
    description: Json = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return description


def _operations(paths: Json) -> Iterator[tuple[Operation, str]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield (
                Operation(
                    name=operation["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    description=_unlike(operation.get("description", ""), operation.get("summary", "")),
                    parameters=tuple(_parameter(each) for each in operation.get("parameters", [])),
                    body=_kind(body["schema"]) if body else "",
                    answers=tuple(_answer(status, each) for status, each in sorted(operation["responses"].items())),
                ),
                operation["tags"][0],
            )


def _unlike(description: str, summary: str) -> str:
    return "" if description.rstrip(".") == summary else description


def _parameter(parameter: Json) -> Field:
    schema = parameter["schema"]
    return Field(parameter["name"], _kind(schema), bool(parameter.get("required")), parameter.get("description", ""))


def _answer(status: str, answer: Json) -> Answer:
    kinds = {
        f"{_kind(content['schema'])}" if media == "application/json" else media
        for media, content in answer.get("content", {}).items()
    }
    return Answer(status, tuple(sorted(kinds)), answer.get("description", ""))


def _fields(schema: Json) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        yield Field(name, _kind(field), name in required, field.get("description", ""))


def _kind(schema: Json) -> str:
    """Say a type in words, such as `list of Symbol`, `date or null`."""
    null = " or null" if schema.get("nullable") else ""
    reference = schema.get("$ref") or next((each["$ref"] for each in schema.get("allOf", []) if "$ref" in each), "")
    if reference:
        return reference.rpartition("/")[2] + null
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}{null}"
    if schema.get("additionalProperties"):
        return f"{_kind(schema['additionalProperties'])} by name{null}"
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "any value") + null
