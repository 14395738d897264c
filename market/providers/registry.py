"""The providers by name, made from the settings."""

from collections.abc import Callable

from django.conf import settings

from market.providers.base import ParsedReply, Provider, RawReply


class ProviderUnknown(ValueError):
    """No provider has this name."""


class ProviderUnconfigured(ValueError):
    """The provider needs a setting that is not there."""


Reader = Callable[[RawReply], ParsedReply]


def get_reader(name: str) -> Reader:
    """Return how a provider's stored replies are read; it needs no key and no network. Raises ProviderUnknown."""
    make = _READERS.get(name)
    if make is None:
        raise ProviderUnknown(f"There is no provider {name[:30]!r} whose replies could be read.")
    return make()


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


def _alpha_vantage_reader() -> Reader:
    from market.providers.alpha_vantage.client import Client
    from market.providers.alpha_vantage.provider import AlphaVantage

    return AlphaVantage(Client("", ""), 1.0).parse


def _synthetic_reader() -> Reader:
    return _synthetic().parse


_PROVIDERS: dict[str, Callable[[], Provider]] = {"alpha_vantage": _alpha_vantage, "synthetic": _synthetic}
_READERS: dict[str, Callable[[], Reader]] = {"alpha_vantage": _alpha_vantage_reader, "synthetic": _synthetic_reader}
