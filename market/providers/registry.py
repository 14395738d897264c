"""The providers by name, made from the settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings

from market.limits import ALPACA_FREE, ALPHA_VANTAGE_PLANS, MASSIVE_FREE, Account, Limits, fingerprint
from market.providers.asking import FactsProvider
from market.providers.base import ParsedReply, Provider, RawReply
from market.providers.chain import Chain
from market.providers.gate import Gates, open_gates
from market.providers.labels import Label
from market.providers.zones import Zone

if TYPE_CHECKING:
    from market.providers.files.provider import Files


# Those that tell splits, dividends and daily figures, the one with the longest history first.
FACTS_PROVIDERS = ("alpha_vantage", "massive", "alpaca")


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


@dataclass(frozen=True, slots=True)
class Stated:
    """What the operator says; nothing is what the provider or the stamps themselves say.

    `path` is the folder or file of the provider `files`, `columns` a column map or the path of one.
    """

    label: Label | None = None
    zone: Zone | None = None
    path: str = ""
    columns: str = ""


NOTHING_STATED = Stated()


def get_provider(name: str, gates: Gates = open_gates, stated: Stated = NOTHING_STATED) -> Provider:
    """Return a provider that is ready to be asked, each request through its account's gate.

    Several names with commas between them are asked in turn. Raises ProviderUnknown or ProviderUnconfigured.
    """
    names = [part.strip() for part in name.split(",") if part.strip()]
    if len(names) > 1:
        return _chain(names, gates, stated)
    name = names[0] if names else name
    make = _PROVIDERS.get(name)
    if make is None:
        raise ProviderUnknown(f"There is no provider {name[:30]!r}; choose one of {', '.join(sorted(_PROVIDERS))}.")
    return make(gates, stated)


def get_facts_provider(name: str, gates: Gates = open_gates) -> FactsProvider:
    """Return a provider that can be asked about symbols, one of FACTS_PROVIDERS. Raises as get_provider does."""
    if name not in FACTS_PROVIDERS:
        raise ProviderUnknown(
            f"{name[:30]!r} tells no splits and dividends; choose one of {', '.join(FACTS_PROVIDERS)}."
        )
    return cast(FactsProvider, get_provider(name, gates))


def has_key(name: str) -> bool:
    """Tell whether the settings hold what a vendor asks for; it loads nothing of the provider."""
    keys = {
        "alpha_vantage": [settings.ALPHA_VANTAGE_API_KEY],
        "alpaca": [settings.ALPACA_API_KEY_ID, settings.ALPACA_API_SECRET_KEY],
        "massive": [settings.MASSIVE_API_KEY],
    }
    return all(key.strip() for key in keys.get(name, [""]))


def bar_function(name: str) -> str:
    """Return the provider's word for its minute bars in the path of raw objects; empty for an unknown provider."""
    return _BAR_FUNCTIONS.get(name, "")


def _chain(names: Sequence[str], gates: Gates, stated: Stated) -> Provider:
    if alone := sorted({"files", "synthetic"} & set(names)):
        raise ProviderUnknown(f"The provider {alone[0]} stands alone; name it without {', '.join(names)}.")
    return Chain(tuple(get_provider(name, gates, stated) for name in dict.fromkeys(names)))


# Each is imported when it is asked for: synthetic prices need no HTTP library, and real ones no generator.
def _alpha_vantage(gates: Gates, stated: Stated) -> Provider:
    key = settings.ALPHA_VANTAGE_API_KEY.strip()
    if not key:
        raise ProviderUnconfigured(
            "The provider alpha_vantage needs a key: get one at https://www.alphavantage.co/support/#api-key and set "
            "ALPHA_VANTAGE_API_KEY in .env, or use --provider synthetic, which needs none."
        )
    from market.providers.alpha_vantage.client import Client
    from market.providers.alpha_vantage.provider import AlphaVantage

    url = settings.ALPHA_VANTAGE_URL.rstrip("/")
    account = _account("alpha_vantage", key, ALPHA_VANTAGE_PLANS[settings.ALPHA_VANTAGE_PLAN])
    client = Client(url if url.endswith("/query") else f"{url}/query", key, gates(account))
    label = stated.label or (Label(settings.ALPHA_VANTAGE_LABEL) if settings.ALPHA_VANTAGE_LABEL else None)
    return AlphaVantage(client, account, label)


def _account(name: str, key: str, of_plan: Limits) -> Account:
    return Account(name, fingerprint(key), settings.REQUEST_LIMITS.get(name, of_plan))


def _alpaca(gates: Gates, stated: Stated) -> Provider:
    key, secret = settings.ALPACA_API_KEY_ID.strip(), settings.ALPACA_API_SECRET_KEY.strip()
    if not (key and secret):
        raise ProviderUnconfigured(
            "The provider alpaca needs a key pair, which is free: get one at https://app.alpaca.markets/signup and set "
            "ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY in .env."
        )
    from market.providers.alpaca.client import Client
    from market.providers.alpaca.provider import Alpaca

    account = _account("alpaca", key, ALPACA_FREE)
    return Alpaca(Client(settings.ALPACA_URL, key, secret, gates(account)), account)


def _massive(gates: Gates, stated: Stated) -> Provider:
    key = settings.MASSIVE_API_KEY.strip()
    if not key:
        raise ProviderUnconfigured(
            "The provider massive needs a key, which is free: get one at https://massive.com/dashboard and set "
            "MASSIVE_API_KEY in .env."
        )
    from market.providers.massive.client import Client
    from market.providers.massive.provider import Massive

    account = _account("massive", key, MASSIVE_FREE)
    return Massive(Client(settings.MASSIVE_URL, key, gates(account)), account)


def _synthetic(gates: Gates, stated: Stated) -> Provider:
    from market.providers.synthetic.events import Event
    from market.providers.synthetic.provider import Synthetic

    return Synthetic(frozenset(Event(name) for name in settings.SYNTHETIC_EVENTS))


def _files(gates: Gates, stated: Stated) -> Provider:
    return open_files(stated)


def open_files(stated: Stated) -> "Files":
    """Read the files that are stated, and return them as a provider. Raises ProviderUnconfigured."""
    from market.providers.files.columns import ColumnMap, LayoutUnknown
    from market.providers.files.provider import Files
    from market.providers.files.scan import scan

    if not stated.path:
        raise ProviderUnconfigured("The provider files needs --path FOLDER, where the files of bars are.")
    try:
        columns = Path(stated.columns)
        toml = stated.columns.endswith(".toml")
        read = ColumnMap.of_toml(columns.read_text()) if toml else ColumnMap.parse(stated.columns)
        limit = settings.FILES_MAX_MEGABYTES << 20
        return Files(scan(Path(stated.path), read.stating(stated.zone, stated.label), limit))
    except LayoutUnknown as error:
        raise ProviderUnconfigured(f"--columns: {error}") from error
    except OSError as error:
        raise ProviderUnconfigured(f"--path: {error}") from error


def _files_reader() -> Reader:
    from market.providers.files.provider import parse_files_reply

    return parse_files_reply


def _alpaca_reader() -> Reader:
    from market.providers.alpaca.provider import REPLIES

    return REPLIES.parse


def _massive_reader() -> Reader:
    from market.providers.massive.provider import REPLIES

    return REPLIES.parse


def _alpha_vantage_reader() -> Reader:
    from market.providers.alpha_vantage.client import Client
    from market.providers.alpha_vantage.provider import AlphaVantage

    return AlphaVantage(Client("", ""), Account("alpha_vantage", "", Limits())).parse


def _synthetic_reader() -> Reader:
    return _synthetic(open_gates, NOTHING_STATED).parse


_READERS: dict[str, Callable[[], Reader]] = {
    "alpaca": _alpaca_reader,
    "alpha_vantage": _alpha_vantage_reader,
    "files": _files_reader,
    "massive": _massive_reader,
    "synthetic": _synthetic_reader,
}
_PROVIDERS: dict[str, Callable[[Gates, Stated], Provider]] = {
    "alpaca": _alpaca,
    "alpha_vantage": _alpha_vantage,
    "files": _files,
    "massive": _massive,
    "synthetic": _synthetic,
}
# What a folder of replies must be called to hold bars; the providers' objects say the same.
_BAR_FUNCTIONS = {
    "alpaca": "BARS",
    "alpha_vantage": "TIME_SERIES_INTRADAY",
    "files": "FILE",
    "massive": "AGGS",
    "synthetic": "MINUTE_BARS",
}
