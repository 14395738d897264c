"""Personal API keys: for programs of one person, with part of that person's rights, until they expire or are revoked.

A key reads `sck_<name>.<secret>`. The name says whose key it is, so that key and owner are found in one read. The
secret is 256 random bits; only its SHA-256 is kept. A slow hash, as for passwords, would protect nothing more: nobody
guesses 256 bits, and it would be paid at every request.

Keys end with their owner: a deactivated or deleted user's keys are refused at once. A change of role counts at once,
too, since a key can do what both its scopes and its owner's role allow.
"""

import binascii
import hashlib
import hmac
import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe

from django.conf import settings

from accounts import audit, limits
from accounts.dynamo import owned
from accounts.dynamo.owned import NotThere, Thing
from accounts.dynamo.store import Item
from accounts.errors import StoreUnavailable
from accounts.models import User
from accounts.roles import permissions_of_scopes

logger = logging.getLogger(__name__)

PREFIX = "sck_"
KIND = "api-key"
MOST = 20
MOST_DAYS = 366
NAME_LENGTH = 80
DAY = 86_400
# A last use is written at most this often: a busy key costs a read a request, not a write.
NOTED_EVERY_SECONDS = 300
_ID_LENGTH = 12
_SHOWN = 12
_LONGEST = 600


class KeyInvalid(Exception):
    """The text is no key, or that key is unknown, revoked or expired, or its owner is gone or deactivated."""


@dataclass(frozen=True)
class Key:
    """A key as its owner sees it. Times are epoch seconds; `used_at` is None for a key that was never used."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: int
    expires_at: int
    used_at: int | None


def new_id() -> str:
    return token_hex(_ID_LENGTH // 2)


def create(user: User, *, name: str, scopes: list[str], days: int, now: int, key_id: str = "") -> tuple[Key, str]:
    """Make a key and return it with its text, which is nowhere else: it can be shown once.

    Raises owned.LimitReached when the user has MOST keys, owned.AlreadyThere when `key_id` was used before.
    """
    key_id = key_id or new_id()
    text = f"{PREFIX}{_name_of(user, key_id)}.{token_urlsafe(32)}"
    body = {
        "name": name,
        "prefix": text[:_SHOWN],
        "scopes": scopes,
        "hash": _hash(text),
        "expires_at": now + days * DAY,
    }
    row = owned.create(Thing(user.uid, KIND, key_id), body, username=user.username, limit=MOST, now=now)
    audit.log("api_key_created", user.username, key_id=key_id, scopes=scopes, expires_at=body["expires_at"])
    return _key(row), text


def find_all(uid: str) -> list[Key]:
    """Return a user's keys, oldest first; expired ones too."""
    return [_key(row) for row in owned.find_all(uid, KIND)]


def revoke(user: User, key_id: str) -> None:
    """End a key at once. Raises owned.NotThere when the user has no such key."""
    if not re.fullmatch(f"[0-9a-f]{{{_ID_LENGTH}}}", key_id, re.ASCII):
        raise NotThere
    owned.delete(Thing(user.uid, KIND, key_id))
    audit.log("api_key_revoked", user.username, key_id=key_id)


def is_key(text: str) -> bool:
    return text.startswith(PREFIX)


def check(text: str, *, now: int) -> User:
    """Return the owner of a key, limited to its scopes. One consistent read, one count.

    Raises KeyInvalid, and limits.TooMany when the key was used too often in this minute.
    """
    username, uid, key_id = _read_name(text)
    thing = Thing(uid, KIND, key_id)
    user, row = owned.find_with_owner(thing, username)
    if user is None or row is None or user["uid"] != uid or not user["is_active"]:
        raise KeyInvalid
    if not hmac.compare_digest(row["body"]["hash"], _hash(text)) or row["body"]["expires_at"] <= now:
        raise KeyInvalid
    limits.reserve("api_key", f"{uid} {key_id}", limit=settings.API_KEY_REQUESTS_PER_MINUTE, seconds=60)
    _note_use(thing, row, now)
    owner = User.from_row(user)
    owner.limited_to = permissions_of_scopes(row["body"]["scopes"])
    return owner


def _note_use(thing: Thing, row: Item, now: int) -> None:
    if row.get("used_at") and now - row["used_at"] < NOTED_EVERY_SECONDS:
        return
    try:
        owned.note_use(thing, now)
    except StoreUnavailable:
        # Who the request is, is known; when the key was last used is not worth refusing it.
        logger.warning("the last use of an API key was not recorded", extra={"key_id": thing.id})


def export(uid: str) -> list[dict[str, object]]:
    """Return what a user's data export says about the keys: no hash."""
    return [vars(key) for key in find_all(uid)]


def erase(uid: str) -> None:
    owned.erase(uid, KIND)


def _name_of(user: User, key_id: str) -> str:
    named = f"{key_id}{user.uid}:{user.username}".encode()
    return urlsafe_b64encode(named).decode().rstrip("=")


def _read_name(text: str) -> tuple[str, str, str]:
    """Return user name, uid and key id. Raises KeyInvalid."""
    name, dot, secret = text.removeprefix(PREFIX).partition(".")
    if not is_key(text) or not (name and dot and secret) or len(text) > _LONGEST:
        raise KeyInvalid
    try:
        named = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise KeyInvalid from error
    uid, colon, username = named[_ID_LENGTH:].partition(":")
    if not (uid and colon and username):
        raise KeyInvalid
    return username, uid, named[:_ID_LENGTH]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(row: Item) -> Key:
    body = row["body"]
    return Key(
        id=row["place"].removeprefix(f"{KIND}#"),
        name=body["name"],
        prefix=body["prefix"],
        scopes=body["scopes"],
        created_at=int(row["created_at"]),
        expires_at=int(body["expires_at"]),
        used_at=int(row["used_at"]) if row.get("used_at") else None,
    )
