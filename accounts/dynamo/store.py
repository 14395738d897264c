"""All input and output on users, as plain dictionaries. No Django ORM here.

Every function raises StoreUnavailable when DynamoDB does not answer; an absent user is None or an empty list.
Single-item conditional writes carry a random `wid`: when a reply is lost the client sends the write again, and that
second one fails against the first; an equal `wid` in the row then says that the write was ours, and done.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError

from accounts.dynamo.client import ConditionFailed, guard
from accounts.dynamo.transactions import transact
from accounts.errors import LinkUsed, StaleUser

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action
    from pynamodb.transactions import TransactWrite


Item = dict[str, Any]
# Rows asked for in one call: a megabyte, DynamoDB's own bound, may take a small server longer than a call may wait.
CALL_SIZE = 500


@dataclass(frozen=True)
class Mark:
    """Written once, beside the change that a single-use link is used for. `expires_at` is in epoch seconds."""

    bucket: str
    expires_at: int


def new_wid() -> str:
    return secrets.token_hex(8)


def get_user(username: str) -> Item | None:
    """Read one user by its canonical name, consistently."""
    from accounts.dynamo.tables import UserItem

    if not username:
        return None
    with guard():
        try:
            return UserItem.get(username, consistent_read=True).attribute_values
        except UserItem.DoesNotExist:
            return None


def get_users(usernames: Iterable[str]) -> list[Item]:
    """Read users by their canonical names, consistently, 100 a call; absent names are left out. No order."""
    from accounts.dynamo.tables import UserItem

    wanted = {name for name in usernames if name}
    if len(wanted) == 1:
        found = get_user(wanted.pop())
        return [found] if found else []
    with guard():
        return [item.attribute_values for item in UserItem.batch_get(wanted, consistent_read=True)]


def find_username(email: str) -> str | None:
    """Return the name that holds this canonical e-mail address, read consistently."""
    from accounts.dynamo.tables import EmailClaim

    if not email:
        return None
    with guard():
        try:
            return EmailClaim.get(email, consistent_read=True).username
        except EmailClaim.DoesNotExist:
            return None


def list_users(
    *, descending: bool = False, key: tuple[str, str] | None = None, page_size: int | None = None
) -> Iterator[Item]:
    """Yield the listed columns of all users by name, from the index (a new user may miss for a moment).

    `key` narrows by name: ("gt" | "ge" | "lt" | "le" | "startswith", value).
    """
    from accounts.dynamo.tables import USER_KIND, UserItem

    page_size = min(page_size or CALL_SIZE, CALL_SIZE)
    with guard():
        found = UserItem.by_kind.query(
            USER_KIND, _key_condition(key), scan_index_forward=not descending, page_size=page_size
        )
    while True:
        with guard():
            item = next(found, None)
        if item is None:
            return
        yield item.attribute_values


def _key_condition(key: tuple[str, str] | None) -> "Condition | None":
    from accounts.dynamo.tables import UserItem

    if key is None:
        return None
    operator, value = key
    method = "startswith" if operator == "startswith" else f"__{operator}__"
    condition: Condition = getattr(UserItem.username, method)(value)
    return condition


def count_users() -> int:
    from accounts.dynamo.tables import USER_KIND, UserItem

    with guard():
        return UserItem.by_kind.count(USER_KIND)


def insert_user(values: Item, marks: tuple[Mark, ...] = ()) -> None:
    """Write a new user, claim its e-mail address and make the marks: all or nothing.

    Raises IntegrityError naming the taken field, or LinkUsed when a mark is there already.
    """
    from accounts.dynamo.tables import EmailClaim, UserItem

    item = UserItem(**values, wid=new_wid())

    def steps(transaction: "TransactWrite") -> None:
        transaction.save(item, condition=UserItem.username.does_not_exist())
        if item.email:
            claim = EmailClaim(item.email, username=item.username)
            transaction.save(claim, condition=EmailClaim.email.does_not_exist())
        _make_marks(transaction, marks)

    try:
        transact(steps)
    except ConditionFailed as failed:
        if not _is_ours(item.username, item.wid):
            _raise_taken(failed, ["username", *(["email"] if item.email else []), *["link" for _ in marks]])


def _make_marks(transaction: "TransactWrite", marks: tuple[Mark, ...]) -> None:
    from accounts.dynamo.tables import AttemptItem

    for mark in marks:
        item = AttemptItem(mark.bucket, failures=1, expires_at=datetime.fromtimestamp(mark.expires_at, UTC))
        transaction.save(item, condition=AttemptItem.bucket.does_not_exist())


def _raise_taken(failed: ConditionFailed, names: list[str]) -> None:
    """Raise what the first refused item of a transaction means; `names` are its items in order."""
    refused = [name for name, reason in zip(names, failed.reasons, strict=False) if reason] or names
    if refused[0] == "link":
        raise LinkUsed("The link has been used already.") from failed
    raise IntegrityError(f"UNIQUE constraint failed: {refused[0]}") from failed


def update_user(
    username: str,
    uid: str,
    changes: Item,
    *,
    rev: int | None,
    email_was: str | None = None,
    marks: tuple[Mark, ...] = (),
) -> None:
    """Write `changes` to the user that was loaded with this `uid` and `rev`, and move `rev` on by one.

    `rev=None` neither checks nor moves it (sign-in times). A changed e-mail address moves its claim, and makes the
    marks, in the same transaction. Raises StaleUser when the user changed or went away, IntegrityError when the address
    is taken, LinkUsed when a mark is there already.
    """
    from accounts.dynamo.tables import UserItem

    wid = new_wid()
    actions = [_action(name, value) for name, value in {**changes, "wid": wid}.items()]
    condition = UserItem.username.exists() & (UserItem.uid == uid)
    if rev is not None:
        condition &= UserItem.rev == rev
        actions.append(UserItem.rev.add(1))
    try:
        if "email" in changes:
            _update_with_claim(username, actions, condition, (email_was, changes["email"]), marks)
        else:
            with guard():
                UserItem(username).update(actions, condition=condition)
    except ConditionFailed as failed:
        if _is_ours(username, wid):
            return
        if failed.reasons[-1:] == ("",):  # the user's own condition held
            claims = ["email" for email in (email_was, changes["email"]) if email]
            _raise_taken(failed, [*claims, *["link" for _ in marks]])
        raise StaleUser(f"User {username!r} was changed or deleted by somebody else. Load it again.") from failed


def _update_with_claim(
    username: str,
    actions: "list[Action]",
    condition: "Condition",
    emails: tuple[str | None, str | None],
    marks: tuple[Mark, ...],
) -> None:
    from accounts.dynamo.tables import EmailClaim, UserItem

    old, new = emails

    def steps(transaction: "TransactWrite") -> None:
        # PynamoDB sends deletes, then puts, then updates: the last reason of a refusal speaks of the user.
        transaction.update(UserItem(username), actions, condition=condition)
        if new:
            claim = EmailClaim(new, username=username)
            transaction.save(claim, condition=EmailClaim.email.does_not_exist() | (EmailClaim.username == username))
        if old:
            held = EmailClaim.email.does_not_exist() | (EmailClaim.username == username)
            transaction.delete(EmailClaim(old), condition=held)
        _make_marks(transaction, marks)

    transact(steps)


def _action(name: str, value: Any) -> "Action":
    from accounts.dynamo.tables import UserItem

    attribute = getattr(UserItem, name)
    action: Action = attribute.remove() if value is None else attribute.set(value)
    return action


def _is_ours(username: str, wid: str | None) -> bool:
    row = get_user(username)
    return row is not None and row.get("wid") == wid


def upgrade_password(username: str, uid: str, *, old: str, new: str) -> bool:
    """Replace a password's hash by a stronger hash of the same password, unless the password changed meanwhile."""
    from accounts.dynamo.tables import UserItem

    condition = (UserItem.uid == uid) & (UserItem.password == old)
    try:
        with guard():
            UserItem(username).update([UserItem.password.set(new)], condition=condition)
    except ConditionFailed:
        row = get_user(username)
        return row is not None and row["password"] == new
    return True


def delete_user(username: str, uid: str) -> bool:
    """Remove a user and its e-mail claim, both or nothing. False when that user is not there any more."""
    row = get_user(username)
    while row is not None and row["uid"] == uid:
        if _delete_with_claim(row):
            return True
        # The address changed in between; a claim that nobody holds must not stay behind.
        row = get_user(username)
    return False


def _delete_with_claim(row: Item) -> bool:
    from accounts.dynamo.tables import EmailClaim, UserItem

    username, email = row["username"], row.get("email")
    condition = UserItem.uid == row["uid"]
    condition &= UserItem.email == email if email else UserItem.email.does_not_exist()

    def steps(transaction: "TransactWrite") -> None:
        transaction.delete(UserItem(username), condition=condition)
        if email:
            held = EmailClaim.email.does_not_exist() | (EmailClaim.username == username)
            transaction.delete(EmailClaim(email), condition=held)

    try:
        transact(steps)
    except ConditionFailed as failed:
        if failed.reasons[:1] == ("",):
            raise RuntimeError(f"{email} is claimed by another user. Run `manage.py check_user_claims`.") from failed
        return False
    return True
