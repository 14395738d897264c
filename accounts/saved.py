"""Watchlists and saved comparisons: made, changed, shared and removed by the user who owns them.

Who is not the owner gets NotThere, whatever there is: the owner's uid is part of where a thing is.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.dynamo import owned
from accounts.dynamo.owned import NotThere, Thing
from accounts.dynamo.store import Item
from accounts.models import User


@dataclass(frozen=True)
class Kind:
    """`most` is how many of them a user can have; `added` is what those lack that were saved before it was asked."""

    name: str
    plural: str
    most: int
    added: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def whole(self, body: Item) -> Item:
        return {**self.added, **body}


WATCHLIST = Kind("watchlist", "watchlists", 50)
COMPARISON = Kind("comparison", "saved comparisons", 200, {"adjustment": "split"})
KINDS = (WATCHLIST, COMPARISON)
NAME_LENGTH = 80
# The words of the compare page's address; a test holds them against that page.
COMPARED_SYMBOLS = 6
RANGES = ("1D", "5D", "1M", "6M", "YTD", "1Y", "MAX")
TIMEFRAMES = ("auto", "1min", "5min", "15min", "1hour", "1day")
MODES = ("pct", "price")
ADJUSTMENTS = ("split", "all", "raw")
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_LONGEST_UID = 64


def parse_symbol(text: str) -> str:
    """Return a symbol in the spelling of the market; what a symbol is, the settings say. Raises ValueError."""
    parsed: str = import_string(settings.ACCOUNTS_SYMBOL_PARSER)(text)
    return parsed


def create(user: User, kind: Kind, body: Item, *, repeat_key: str, now: int) -> Item:
    """Write a new thing and return its row. Sent again with the same `repeat_key`, it is written once.

    Raises owned.LimitReached, owned.OwnerGone, and owned.AlreadyThere when the key came with another body before.
    """
    thing = Thing(user.uid, kind.name, _id_of(repeat_key) if repeat_key else token_hex(12))
    wid = _digest(json.dumps(body, sort_keys=True)) if repeat_key else ""
    return owned.create(thing, body, username=user.username, limit=kind.most, now=now, wid=wid)


def get(uid: str, kind: Kind, thing_id: str) -> Item:
    """Raises owned.NotThere."""
    row = owned.find(_thing(uid, kind, thing_id))
    if row is None:
        raise NotThere
    return row


def get_shared(uid: str, thing_id: str) -> Item:
    """Return a comparison that its owner lets others read. Raises owned.NotThere, also for one that is not shared."""
    row = get(uid, COMPARISON, thing_id)
    if not row["body"]["shared"]:
        raise NotThere
    return row


def find_all(uid: str, kind: Kind) -> list[Item]:
    """Return all of one kind, oldest first."""
    return owned.find_all(uid, kind.name)


def replace(uid: str, kind: Kind, thing_id: str, body: Item, *, version: int, now: int) -> Item:
    """Raises owned.NotThere, and owned.Stale when `version` is not the one that is there."""
    return owned.replace(_thing(uid, kind, thing_id), body, version=version, now=now)


def delete(uid: str, kind: Kind, thing_id: str) -> None:
    """Raises owned.NotThere."""
    owned.delete(_thing(uid, kind, thing_id))


def id_of(row: Item) -> str:
    return str(row["place"]).partition("#")[2]


def export(uid: str, kind: Kind) -> list[Item]:
    """Return all of one kind for a user's data export."""
    return [
        {"id": id_of(row), **kind.whole(row["body"]), "created_at": int(row["created_at"])}
        for row in find_all(uid, kind)
    ]


def erase(uid: str, kind: Kind) -> None:
    owned.erase(uid, kind.name)


def _thing(uid: str, kind: Kind, thing_id: str) -> Thing:
    # What cannot be an id is not asked for: DynamoDB refuses a key that is too long.
    if not _ID.fullmatch(thing_id) or len(uid) > _LONGEST_UID:
        raise NotThere
    return Thing(uid, kind.name, thing_id)


def _id_of(repeat_key: str) -> str:
    return _digest(f"repeat {repeat_key}")[:24]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
