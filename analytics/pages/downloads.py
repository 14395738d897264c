"""The rows of a page as a file, for people whose browser knows them by cookie; the API wants a bearer."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from analytics.api.renderers import CsvRenderer, Download, ParquetRenderer
from analytics.pages.choices import ChoiceInvalid

_RENDERERS = {renderer.format: renderer for renderer in (CsvRenderer, ParquetRenderer)}


def is_wanted(request: HttpRequest) -> bool:
    return "format" in request.GET


def are_allowed(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("analytics.export_prices"))


def file_response(request: HttpRequest, download: Download) -> HttpResponse:
    """Return the file in the format that the query names. Raises ChoiceInvalid, PermissionDenied."""
    if not are_allowed(request):
        raise PermissionDenied
    renderer = _RENDERERS.get(request.GET.get("format", ""))
    if renderer is None:
        raise ChoiceInvalid(f"The format is {' or '.join(_RENDERERS)}.")
    name = f"{download.name}.{renderer.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return HttpResponse(renderer().render(download), content_type=renderer.media_type, headers=headers)
