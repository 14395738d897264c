"""The providers by name, made from the settings."""

from collections.abc import Callable

from django.conf import settings

from market.providers.base import Provider


class ProviderUnknown(ValueError):
    """No provider has this name."""


class ProviderUnconfigured(ValueError):
    """The provider needs a setting that is not there."""


def get_provider(name: str) -> Provider:
    """Return a provider that is ready to be asked. Raises ProviderUnknown or ProviderUnconfigured."""
    make = _PROVIDERS.get(name)
    if make is None:
        raise ProviderUnknown(f"There is no provider {name[:30]!r}; choose one of {', '.join(sorted(_PROVIDERS))}.")
    return make()


# Each is imported when it is asked for: synthetic prices need no HTTP library, and real ones no generator.
def _alpha_vantage() -> Provider:
    key = settings.ALPHA_VANTAGE_API_KEY.strip()
    if not key:
        raise ProviderUnconfigured(
            "The provider alpha_vantage needs a key: get one at https://www.alphavantage.co/support/#api-key and set "
            "ALPHA_VANTAGE_API_KEY in .env, or use --provider synthetic, which needs none."
        )
    from market.providers.alpha_vantage.client import Client
    from market.providers.alpha_vantage.provider import AlphaVantage

    url = settings.ALPHA_VANTAGE_URL.rstrip("/")
    client = Client(url if url.endswith("/query") else f"{url}/query", key)
    return AlphaVantage(client, settings.ALPHA_VANTAGE_REQUESTS_PER_MINUTE)


def _synthetic() -> Provider:
    from market.providers.synthetic.provider import Synthetic

    return Synthetic()


_PROVIDERS: dict[str, Callable[[], Provider]] = {"alpha_vantage": _alpha_vantage, "synthetic": _synthetic}
