"""What all views of the market share: JSON by orjson, strong ETags, compression, errors as bodies."""

import gzip
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.cache import patch_vary_headers
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.api.renderers import CsvRenderer, Download, FormatNegotiation, JsonRenderer, ParquetRenderer
from analytics.queries.reader import LakeReader, configured_reader

COMPRESS_ABOVE_BYTES = 1400


class MarketView(APIView):
    """A read-only view. The clock is read once a request; queries get it as `now`."""

    required_permission = "analytics.view_prices"
    renderer_classes: Sequence[type[BaseRenderer]] = (JsonRenderer,)
    content_negotiation_class = FormatNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = datetime.now(UTC)

    @property
    def lake(self) -> LakeReader:
        return configured_reader()

    def parameters(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the checked query parameters. Raises ValidationError."""
        checked = kind(data=self.request.query_params, context={"now": self.now})
        checked.is_valid(raise_exception=True)
        values: dict[str, Any] = checked.validated_data
        return values

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(response, "exception", False) and hasattr(request, "accepted_renderer"):
            # A refusal is JSON in every format.
            request.accepted_renderer, request.accepted_media_type = JsonRenderer(), JsonRenderer.media_type
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Encoding"])
        if response.status_code == 200:
            response["Cache-Control"] = "private, no-cache"
            response.add_post_render_callback(lambda rendered: _conditional(request, rendered))
        return response


class DownloadView(MarketView):
    """A view whose rows can be taken away as CSV or Parquet."""

    download_permission = "analytics.export_prices"
    renderer_classes = (JsonRenderer, CsvRenderer, ParquetRenderer)

    @property
    def is_download(self) -> bool:
        return bool(self.request.accepted_renderer.format != JsonRenderer.format)

    def download(self, download: Download) -> Response:
        suffix = self.request.accepted_renderer.format
        disposition = f'attachment; filename="{download.name}.{suffix}"'
        return Response(download, headers={"Content-Disposition": disposition})


def accepts(header: str, encoding: str) -> bool:
    """Tell whether an Accept-Encoding header allows an encoding by its name."""
    for offer in header.split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def etag_matches(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names this strong tag; weak comparison, as RFC 9110 has it."""
    return header.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _conditional(request: Request, response: Any) -> None:
    """Give a rendered answer its tag; compress it, or empty it when the client has it already."""
    content: bytes = response.content
    if len(content) > COMPRESS_ABOVE_BYTES and accepts(request.headers.get("Accept-Encoding", ""), "gzip"):
        content = gzip.compress(content, 5, mtime=0)
        response["Content-Encoding"] = "gzip"
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if etag_matches(request.headers.get("If-None-Match", ""), response["ETag"]):
        response.status_code, content = 304, b""
        for header in ("Content-Type", "Content-Encoding", "Content-Disposition"):
            del response[header]
    response.content = content
