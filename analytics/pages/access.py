"""Who may open the pages of the market."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse

View = Callable[..., HttpResponse]


def members_only(view: View) -> View:
    """Lead visitors to sign in; answer 403 to who is signed in and may not see prices."""
    return login_required(permission_required("analytics.view_prices", raise_exception=True)(view))
