"""Who may use the endpoints that a cookie authenticates: pages of this site, and programs that are no browser."""

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class NotFromAnotherSite(BasePermission):
    """Refuse what a browser says comes from another origin. `Origin` counts where `Sec-Fetch-Site` is not sent."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        site = request.META.get("HTTP_SEC_FETCH_SITE")
        origin = request.META.get("HTTP_ORIGIN")
        own = f"{request.scheme}://{request.get_host()}"
        foreign = site not in ("same-origin", "none") if site else origin not in (None, own)
        if foreign:
            raise PermissionDenied("This request came from another site.", "foreign_origin")
        return True


class SentByScript(NotFromAnotherSite):
    """Also ask for a header that no form and no link of another site can send."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.META.get("HTTP_X_REQUESTED_WITH"):
            raise PermissionDenied("Send the header X-Requested-With.", "header_missing")
        return super().has_permission(request, view)
