"""The DynamoDB tables: keys, indexes, expiry. No input or output here; `accounts.dynamo.store` does that."""

import threading
from typing import Any

from django.conf import settings
from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.connection import TableConnection
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from accounts.dynamo.client import connection

PREFIX: str = settings.DYNAMODB_TABLE_PREFIX
USER_KIND = "user"
# What a list of users shows. The password's hash is in no index, so no list can carry it.
LISTED = (
    "uid", "email", "first_name", "last_name", "role", "is_staff", "is_superuser", "is_active",
    "last_login", "date_joined", "token_version", "rev",
)  # fmt: skip

_lock = threading.Lock()


class Table(Model):
    """A table on the shared connection, so that one client and one pool serve all of them."""

    class Meta:
        abstract = True

    @classmethod
    def _get_connection(cls) -> TableConnection:
        shared = connection()
        with _lock:
            table = super()._get_connection()
            if table.connection is not shared:
                meta = table.get_meta_table()
                if meta.table_name not in shared._tables:
                    shared.add_meta_table(meta)
                table.connection = shared
        return table


class ByKind(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # PynamoDB types its indexes in part
    """All users by name. Eventually consistent: for lists only, never to authenticate or to find a duplicate."""

    class Meta:
        index_name = "by-kind"
        projection = IncludeProjection(list(LISTED))

    kind = UnicodeAttribute(hash_key=True)
    username = UnicodeAttribute(range_key=True)


class UserItem(Table):
    """One row per user."""

    class Meta:
        table_name = f"{PREFIX}users"
        billing_mode = "PAY_PER_REQUEST"

    username = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(default=USER_KIND)
    uid = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    password = UnicodeAttribute()
    first_name = UnicodeAttribute(default="")
    last_name = UnicodeAttribute(default="")
    role = UnicodeAttribute()
    is_staff = BooleanAttribute(default=False)
    is_superuser = BooleanAttribute(default=False)
    is_active = BooleanAttribute(default=True)
    last_login = UTCDateTimeAttribute(null=True)
    date_joined = UTCDateTimeAttribute()
    token_version = NumberAttribute(default=0)
    rev = NumberAttribute(default=1)
    wid = UnicodeAttribute(null=True)
    by_kind = ByKind()


class EmailClaim(Table):
    """One row per e-mail address in use: the unique constraint, and the consistent way from an address to a user."""

    class Meta:
        table_name = f"{PREFIX}user-emails"
        billing_mode = "PAY_PER_REQUEST"

    email = UnicodeAttribute(hash_key=True)
    username = UnicodeAttribute()


class FamilyItem(Table):
    """One row per sign-in (a family of refresh tokens). Times are epoch seconds, UTC."""

    class Meta:
        table_name = f"{PREFIX}refresh-families"
        billing_mode = "PAY_PER_REQUEST"

    uid = UnicodeAttribute(hash_key=True)
    sid = UnicodeAttribute(range_key=True)
    username = UnicodeAttribute()
    token_version = NumberAttribute()
    jti_current = UnicodeAttribute()
    jti_prev = UnicodeAttribute(null=True)
    created_at = NumberAttribute()
    rotated_at = NumberAttribute()
    absolute_exp = NumberAttribute()
    expires_at = TTLAttribute()
    device = UnicodeAttribute(default="")
    address = UnicodeAttribute(default="")


class AttemptItem(Table):
    """Failed sign-ins of one name or one address in one time window. The window is part of the key."""

    class Meta:
        table_name = f"{PREFIX}login-attempts"
        billing_mode = "PAY_PER_REQUEST"

    bucket = UnicodeAttribute(hash_key=True)
    failures = NumberAttribute()
    expires_at = TTLAttribute()


class OwnedItem(Table):
    """One row per thing that a user owns, at the place `<kind>#<id>`; at `count#<kind>` how many there are.

    Times are epoch seconds, UTC. `wid` is of the write that made the row, `write` of the one that changed it last.
    """

    class Meta:
        table_name = f"{PREFIX}owned"
        billing_mode = "PAY_PER_REQUEST"

    uid = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)
    body = JSONAttribute(null=True)
    version = NumberAttribute(null=True)
    wid = UnicodeAttribute(null=True)
    write = UnicodeAttribute(null=True)
    created_at = NumberAttribute(null=True)
    updated_at = NumberAttribute(null=True)
    used_at = NumberAttribute(null=True)
    number = NumberAttribute(null=True)


TABLES: tuple[type[Table], ...] = (UserItem, EmailClaim, FamilyItem, AttemptItem, OwnedItem)
