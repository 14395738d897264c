"""Users and what they own as lines of JSON, to move them from one DynamoDB to another.

The first line names the format, the last one counts what is between. Rows are in DynamoDB's own JSON, passwords and
API keys as the hashes that are stored. Sign-ins and attempts stay behind: people sign in anew. Claims of e-mail
addresses are made again from the users.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError

from accounts.dynamo import store
from accounts.dynamo.client import ConditionFailed, guard

FORMAT = {"format": "stockcompare-users", "version": 1}
# What moves by mere use, or says who wrote a row: two rows that differ in nothing else are the same.
_UNSTEADY = frozenset({"wid", "write", "last_login", "used_at"})


class BadFile(ValueError):
    """A line is not of this format, or the file ends early. Says where, and what to do."""


class Conflict(Exception):
    """Something else is already where a row belongs."""


@dataclass
class Report:
    """How many rows of each table were new and how many there already; `conflicts` names what was left out."""

    new: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)


def export_lines() -> Iterator[str]:
    """Yield the lines of a whole export. Reads the tables page by page, consistently."""
    counts: Counter[str] = Counter()
    yield json.dumps(FORMAT)
    for name, table in _tables().items():
        for item in _rows(table):
            counts[name] += 1
            yield json.dumps({"table": name, "row": item.to_dynamodb_dict()}, ensure_ascii=False, sort_keys=True)
    yield json.dumps({"end": dict(counts)})


def _tables() -> dict[str, Any]:
    from accounts.dynamo.tables import OwnedItem, UserItem

    # Users first: what they own is written to somebody who is there.
    return {"users": UserItem, "owned": OwnedItem}


def _rows(table: Any) -> Iterator[Any]:
    with guard():
        found = table.scan(consistent_read=True, page_size=store.CALL_SIZE)
    while True:
        with guard():
            item = next(found, None)
        if item is None:
            return
        yield item


def import_lines(lines: Iterable[str], report: Report, *, dry_run: bool) -> None:
    """Write the rows that are missing here, one by one; run again, it goes on where it stopped. Changes no row that
    is here already.

    `report` grows as it goes. Raises BadFile; rows of the lines before it are written then.
    """
    counts: Counter[str] = Counter()
    left_out: set[str] = set()
    for number, line in enumerate(lines, 1):
        parsed = _parse(number, line)
        if number == 1:
            _check_format(parsed)
        elif "end" in parsed:
            return _check_end(parsed["end"], counts)
        else:
            name, item = _item(number, parsed)
            counts[name] += 1
            _take(name, item, report, left_out, dry_run=dry_run)
    raise BadFile("The file ends early: its last line is missing. What is in it was taken; export again for the rest.")


def _parse(number: int, line: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise BadFile(f"Line {number} is no JSON object. Was the file cut, or changed by hand? Export again.")
    return parsed


def _check_format(parsed: dict[str, Any]) -> None:
    if parsed != FORMAT:
        raise BadFile(f"This is no export of users that can be read here: the first line must be {json.dumps(FORMAT)}.")


def _check_end(stated: dict[str, int], counts: Counter[str]) -> None:
    if stated != dict(counts):
        raise BadFile(f"The file says that it holds {stated}, but it holds {dict(counts)}. Export again.")


def _item(number: int, parsed: dict[str, Any]) -> tuple[str, Any]:
    name = str(parsed.get("table"))
    table = _tables().get(name)
    if table is None:
        raise BadFile(f"Line {number} is of a table that is unknown here ({name}). Update StockCompare on this side.")
    try:
        row = parsed["row"]
        unknown = row.keys() - table.get_attributes().keys()
        item = table.from_raw_data(row)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadFile(f"Line {number} is no row of {name}. Export again.") from error
    keys = [key for key in (table._hash_keyname, table._range_keyname) if key]
    if unknown or not all(getattr(item, key) for key in keys):
        what = f"has {', '.join(sorted(unknown))}, unknown here" if unknown else "has no key"
        raise BadFile(f"Line {number}, a row of {name}, {what}. Export again with this version of StockCompare.")
    return name, item


def _take(name: str, item: Any, report: Report, left_out: set[str], *, dry_run: bool) -> None:
    if name != "users" and item.uid in left_out:
        report.conflicts.append(f"{item.place} of {item.uid}: its owner was left out")
        return
    try:
        is_new = (_take_user if name == "users" else _take_owned)(item, dry_run=dry_run)
    except Conflict as conflict:
        report.conflicts.append(str(conflict))
        if name == "users":
            left_out.add(item.uid)
    else:
        (report.new if is_new else report.there)[name] += 1


def _take_user(item: Any, *, dry_run: bool) -> bool:
    name, email = item.username, item.email
    here = store.get_user(name)
    if here is not None:
        if here["uid"] != item.uid:
            raise Conflict(f"{name}: another account has that name here")
        if _steady(here) != _steady(item.attribute_values):
            raise Conflict(f"{name}: the same account is here and was changed on one of the two sides")
        return False
    holder = store.find_username(email) if email else None
    if holder is not None:
        raise Conflict(f"{name}: the address {email} belongs to {holder} here")
    if not dry_run:
        try:
            store.insert_user({key: value for key, value in item.attribute_values.items() if key != "wid"})
        except IntegrityError as error:
            raise Conflict(f"{name}: the name or the address {email} was taken in this moment") from error
    return True


def _take_owned(item: Any, *, dry_run: bool) -> bool:
    from accounts.dynamo.tables import OwnedItem

    try:
        with guard():
            here = OwnedItem.get(item.uid, item.place, consistent_read=True)
    except OwnedItem.DoesNotExist:
        if not dry_run:
            _put_owned(item)
        return True
    # A counter that is here counts what is here; it moves with every row.
    if item.body is not None and _steady(here.attribute_values) != _steady(item.attribute_values):
        raise Conflict(f"{item.place} of {item.uid}: it was changed on one of the two sides")
    return False


def _put_owned(item: Any) -> None:
    from accounts.dynamo.tables import OwnedItem

    try:
        with guard():
            item.save(condition=OwnedItem.uid.does_not_exist())
    except ConditionFailed:
        # Also what a write finds that was sent again because its reply got lost.
        if _take_owned(item, dry_run=True):
            raise


def _steady(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _UNSTEADY and value is not None}
