"""JSON for programs; CSV and Parquet for people who take the rows elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


@dataclass(frozen=True)
class Download:
    """Rows to take away; `about` says what they are, a line each."""

    name: str
    about: Sequence[str]
    table: pa.Table


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY, default=str)


class CsvRenderer(BaseRenderer):
    """UTF-8, one header row; lines that begin with # come first and say source and zone."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, Download):
            return JsonRenderer().render(data)
        sink = pa.BufferOutputStream()
        sink.write("".join(f"# {line}\n" for line in data.about).encode())
        pa_csv.write_csv(_as_text(data.table), sink, pa_csv.WriteOptions(quoting_style="needed"))
        return sink.getvalue().to_pybytes()


class ParquetRenderer(BaseRenderer):
    """The rows with their types; `about` is in the file's metadata under `stockcompare`."""

    media_type = "application/vnd.apache.parquet"
    format = "parquet"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, Download):
            return JsonRenderer().render(data)
        sink = pa.BufferOutputStream()
        about = {"stockcompare": json.dumps(list(data.about))}
        pq.write_table(data.table.replace_schema_metadata(about), sink, compression="zstd")
        return sink.getvalue().to_pybytes()


class FormatNegotiation(BaseContentNegotiation):
    """`?format=` decides and nothing else, so that an address shows the same thing to everybody."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        wanted = request.query_params.get("format", "json")
        for renderer in renderers:
            if renderer.format == wanted:
                return renderer, renderer.media_type
        offered = ", ".join(renderer.format for renderer in renderers)
        raise NotFound({"format": [f"There is no such format here; there is {offered}."]})


def safe_cell(text: str | None) -> str | None:
    """Return text that no spreadsheet takes for a formula: what begins like one gets an apostrophe."""
    return f"'{text}" if text and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _as_text(table: pa.Table) -> pa.Table:
    """Write instants as the API does, and make text safe."""
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if pa.types.is_timestamp(field.type):
            seconds = column.cast(pa.timestamp("s", tz="UTC"))
            text = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ")  # type: ignore[arg-type]  # the stub forgets zones
            table = table.set_column(index, field.name, text)
        elif pa.types.is_string(field.type):
            table = table.set_column(index, field.name, pa.array(map(safe_cell, column.to_pylist()), pa.string()))
    return table
