"""What the site keeps about a person, beyond the user itself: registered part by part, exported and erased together.

Whoever stores something that a user owns registers it once, in an `AppConfig.ready()`:

    personal_data.register("watchlists", export=list_watchlists, erase=delete_watchlists)

Both functions take the owner's `uid`, which is never given to another user, even if the name is. `export` returns
what `json.dumps` takes, without secrets and hashes. `erase` removes all and may be called again. Both raise
StoreUnavailable when DynamoDB does not answer: neither half an export nor half an erasure passes for a whole one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    export: Callable[[str], Any]
    erase: Callable[[str], object]


_parts: dict[str, Part] = {}


def register(name: str, *, export: Callable[[str], Any], erase: Callable[[str], object]) -> None:
    """Add a part. `name` is its key in the exported file; registering it again replaces it."""
    _parts[name] = Part(export, erase)


def export_all(uid: str) -> dict[str, Any]:
    """Return what every part has about the user, by the part's name."""
    return {name: part.export(uid) for name, part in sorted(_parts.items())}


def erase_all(uid: str) -> None:
    """Remove what every part has about the user. The user's own deletion calls this."""
    for _, part in sorted(_parts.items()):
        part.erase(uid)
