"""What every page knows: whether the market it shows is made up."""

from django.conf import settings
from django.http import HttpRequest


def market(_request: HttpRequest) -> dict[str, bool]:
    """Whether to label the whole site "synthetic market"."""
    return {"synthetic_market": settings.PRICES_PROVIDER == "synthetic"}
