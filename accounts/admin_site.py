"""The admin site under the product's name, entered through the one sign-in page: one lockout, one cookie."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class StockCompareAdminSite(AdminSite):
    site_header = "StockCompare"
    site_title = "StockCompare"
    index_title = "Administration"

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return redirect(index)
        return redirect_to_login(request.GET.get("next") or index)

    @method_decorator(never_cache)
    def logout(  # type: ignore[override]  # the stubs promise a template
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        from accounts.pages.views import SignOutView  # the site is loaded before the models are

        return SignOutView.as_view()(request)

    def password_change(  # type: ignore[override]  # the stubs promise a template
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from accounts.sessions import renew

        response = super().password_change(request, extra_context)
        if response.status_code == 302:  # it was changed, which ended this browser's own sign-in too
            renew(request, response)
        return response
