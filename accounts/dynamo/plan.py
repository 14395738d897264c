"""How a query on users is answered with the fewest reads, and in which order its rows come.

1. Names or an e-mail address that every match must have: consistent reads of just those users.
2. Order by name, or none: the index is streamed and left as soon as enough matches were seen.
3. Any other order: the whole index is read, at most ACCOUNTS_SCAN_LIMIT rows, and sorted here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import NotSupportedError
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query

from accounts.dynamo import lookups, store
from accounts.dynamo.lookups import Condition, Row

KEY_OPERATORS = {
    "gt": "gt",
    "gte": "ge",
    "lt": "lt",
    "lte": "le",
    "startswith": "startswith",
    "istartswith": "startswith",
}
BATCH = 100
# Columns that the list of users does not carry; they cost one more read per user.
UNLISTED = frozenset({"password"})


@dataclass(frozen=True)
class Term:
    """One column of an order. Nulls come first when ascending and last when descending, unless said otherwise."""

    column: str
    descending: bool
    nulls_first: bool

    def key(self, row: Row) -> tuple[bool, Any]:
        value = row.get(self.column)
        null_sorts_low = self.nulls_first is not self.descending
        return (value is not None) is null_sorts_low, value if value is not None else 0


def refuse_unanswerable(query: Query) -> None:
    """Raise NotSupportedError for whatever needs a relational database."""
    if query.annotations or query.extra or query.combinator or query.distinct_fields or query.select_for_update:
        raise NotSupportedError("Users live in DynamoDB: annotations, extra(), unions and row locks are not supported.")
    if sum(1 for count in query.alias_refcount.values() if count) > 1:
        raise NotSupportedError("Users live in DynamoDB: they cannot be joined with relational tables.")
    lookups.compile_where(query.where)


def find_rows(query: Query, wanted: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a query, filtered, ordered and sliced, with at least the columns `wanted`."""
    refuse_unanswerable(query)
    terms = ordering(query)
    if query.is_empty() or query.low_mark == query.high_mark:
        return
    matches = lookups.compile_where(query.where)
    rows: Iterator[Row] = filter(matches, _candidates(query, terms))
    if not _comes_sorted(query, terms):
        rows = iter(sorted_rows(rows, terms))
    rows = islice(rows, query.low_mark, query.high_mark)
    if UNLISTED & set(wanted):
        rows = filter(matches, _with_all_columns(rows))
    yield from rows


def ordering(query: Query) -> list[Term]:
    if query.extra_order_by:
        raise NotSupportedError("Users live in DynamoDB: extra(order_by=…) is not supported.")
    named: Iterable[Any] = query.order_by or (query.get_meta().ordering if query.default_ordering else None) or ()
    terms = [_term(query, term) for term in named]
    if query.standard_ordering:
        return terms
    return [Term(term.column, not term.descending, not term.nulls_first) for term in terms]


def _term(query: Query, term: Any) -> Term:
    if isinstance(term, str):
        name, descending = term.lstrip("-+"), term.startswith("-")
        return Term(_order_column(query, name), descending, nulls_first=not descending)
    expression: Any = term if isinstance(term, OrderBy) else OrderBy(term)
    by: Any = expression.expression
    if not isinstance(by, F):
        raise NotSupportedError("Users live in DynamoDB: they are ordered by fields only.")
    column = _order_column(query, by.name)  # type: ignore[attr-defined]  # the stubs leave F.name out
    default = not expression.descending
    nulls_first = bool(expression.nulls_first or (default and not expression.nulls_last))
    return Term(column, expression.descending, nulls_first)


def _order_column(query: Query, name: str) -> str:
    meta = query.get_meta()
    known = {field.name: field.attname for field in meta.concrete_fields} | {"pk": meta.pk.attname}
    if name not in known or name in lookups.UNSEARCHABLE:
        raise NotSupportedError(f"Users live in DynamoDB: they cannot be ordered by {name!r}.")
    return known[name]


def sorted_rows(rows: Iterable[Row], terms: list[Term]) -> list[Row]:
    ordered = list(rows)
    for term in reversed(terms):
        ordered.sort(key=term.key, reverse=term.descending)
    return ordered


def _pins(query: Query) -> tuple[set[str] | None, str | None]:
    """Return the names that every match must be among, or else the e-mail address that it must have."""
    names: set[str] | None = None
    email = None
    for condition in lookups.required(query.where):
        exact = condition.operator in ("exact", "iexact")
        if condition.column == "username" and (exact or condition.operator == "in"):
            group = {condition.wanted} if exact else set(condition.wanted)
            names = group if names is None else names & group
        elif condition.column == "email" and exact:
            email = condition.wanted
    return names, email


def _comes_sorted(query: Query, terms: list[Term]) -> bool:
    return not terms or (terms[0].column == "username" and _pins(query) == (None, None))


def _candidates(query: Query, terms: list[Term]) -> Iterator[Row]:
    names, email = _pins(query)
    if names is None and email is not None:
        names = {store.find_username(email) or ""}
    if names is not None:
        return iter(store.get_users(names))
    conditions = list(lookups.required(query.where))
    key = next((_key(c) for c in conditions if c.column == "username" and c.operator in KEY_OPERATORS), None)
    by_name = not terms or terms[0].column == "username"
    covered = not query.where.children or (key is not None and lookups.is_single(query.where))
    page_size = query.high_mark if by_name and covered else None
    descending = bool(terms) and by_name and terms[0].descending
    rows = store.list_users(descending=descending, key=key, page_size=page_size)
    return rows if by_name and covered else _bounded(rows)


def _key(condition: Condition) -> tuple[str, str]:
    return KEY_OPERATORS[condition.operator], str(condition.wanted)


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    limit = settings.ACCOUNTS_SCAN_LIMIT
    for count, row in enumerate(rows, start=1):
        if count > limit:
            raise NotSupportedError(
                f"This filter or order would read more than {limit} users. Narrow it to a name or an e-mail address, "
                "or raise ACCOUNTS_SCAN_LIMIT."
            )
        yield row


def _with_all_columns(rows: Iterator[Row]) -> Iterator[Row]:
    while batch := list(islice(rows, BATCH)):
        missing = [row["username"] for row in batch if row.get("password") is None]
        found = {row["username"]: row for row in store.get_users(missing)} if missing else {}
        for row in batch:
            whole = row if row.get("password") is not None else found.get(row["username"])
            if whole is not None:
                yield whole
