"""Django's WHERE tree as a Python predicate over rows, and the keys that it pins down.

What cannot be answered from one row is refused with NotSupportedError: a filter that is silently ignored would lie.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import NotSupportedError
from django.db.models import Value
from django.db.models.sql.where import AND, OR, NothingNode, WhereNode

Row = dict[str, Any]
Predicate = Callable[[Row], bool]

# Never searched or sorted by: a filter on a hash would let a list leak it, one character at a time.
UNSEARCHABLE = frozenset({"password"})

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, wanted: bool(value == wanted),
    "iexact": lambda value, wanted: str(value).casefold() == str(wanted).casefold(),
    "in": lambda value, wanted: value in wanted,
    "gt": lambda value, wanted: bool(value > wanted),
    "gte": lambda value, wanted: bool(value >= wanted),
    "lt": lambda value, wanted: bool(value < wanted),
    "lte": lambda value, wanted: bool(value <= wanted),
    "range": lambda value, wanted: bool(wanted[0] <= value <= wanted[1]),
    "startswith": lambda value, wanted: str(value).startswith(str(wanted)),
    "istartswith": lambda value, wanted: str(value).casefold().startswith(str(wanted).casefold()),
    "endswith": lambda value, wanted: str(value).endswith(str(wanted)),
    "iendswith": lambda value, wanted: str(value).casefold().endswith(str(wanted).casefold()),
    "contains": lambda value, wanted: str(wanted) in str(value),
    "icontains": lambda value, wanted: str(wanted).casefold() in str(value).casefold(),
    "regex": lambda value, wanted: re.search(wanted, str(value)) is not None,
    "iregex": lambda value, wanted: re.search(wanted, str(value), re.IGNORECASE) is not None,
}


@dataclass(frozen=True)
class Condition:
    """One leaf of the tree: a column, a lookup's name, and the value it is compared with."""

    column: str
    operator: str
    wanted: Any

    def matches(self, row: Row) -> bool:
        value = row.get(self.column)
        if self.operator == "isnull":
            return (value is None) is bool(self.wanted)
        return value is not None and COMPARISONS[self.operator](value, self.wanted)


def compile_where(node: WhereNode) -> Predicate:
    """Return the predicate of a WHERE tree. Raises NotSupportedError on any node that one row cannot answer."""
    parts = [_compile(child) for child in node.children]
    negated = node.negated
    if node.connector == AND:
        return lambda row: all(part(row) for part in parts) is not negated
    if node.connector == OR:
        return lambda row: any(part(row) for part in parts) is not negated
    return lambda row: (sum(part(row) for part in parts) % 2 == 1) is not negated


def _compile(node: Any) -> Predicate:
    if isinstance(node, WhereNode):
        return compile_where(node)
    if isinstance(node, NothingNode):
        return lambda row: False
    return to_condition(node).matches


def to_condition(lookup: Any) -> Condition:
    column = _column(lookup)
    operator = lookup.lookup_name
    if operator not in COMPARISONS and operator != "isnull":
        raise NotSupportedError(f"Users live in DynamoDB: the lookup {operator!r} is not supported.")
    if column in UNSEARCHABLE:
        raise NotSupportedError(f"Users live in DynamoDB: {column!r} is never searched.")
    wanted = lookup.rhs.value if isinstance(lookup.rhs, Value) else lookup.rhs
    if operator == "in" and hasattr(lookup.lhs, "targets"):  # Django 5.2 prefetches by one-column tuples
        wanted = [pair[0] for pair in wanted]
    _refuse_expressions(wanted)
    if isinstance(wanted, str) and operator not in ("regex", "iregex"):
        # Django leaves the value of pattern lookups as it was typed; a canonical column holds no capitals.
        wanted = getattr(getattr(lookup.lhs, "target", None), "to_canonical", str)(wanted)
    return Condition(column, operator, frozenset(wanted) if operator == "in" else wanted)


def _column(lookup: Any) -> str:
    lhs = getattr(lookup, "lhs", None)
    targets = getattr(lhs, "targets", None)
    if targets is not None and len(targets) == 1:
        return str(targets[0].attname)
    target = getattr(lhs, "target", None)
    if target is None:
        raise NotSupportedError("Users live in DynamoDB: filters compare a field with a value, nothing else.")
    return str(target.attname)


def _refuse_expressions(wanted: Any) -> None:
    values = wanted if isinstance(wanted, Collection) and not isinstance(wanted, str) else [wanted]
    if hasattr(wanted, "as_sql") or any(hasattr(value, "as_sql") for value in values):
        raise NotSupportedError("Users live in DynamoDB: a filter's value cannot be an expression or a subquery.")


def required(node: WhereNode) -> Iterator[Condition]:
    """Yield the leaves that every matching row must satisfy."""
    if node.negated or (node.connector != AND and len(node.children) > 1):
        return
    for child in node.children:
        if isinstance(child, WhereNode):
            yield from required(child)
        elif not isinstance(child, NothingNode):
            yield to_condition(child)


def columns(node: WhereNode) -> set[str]:
    """Return the columns that the tree reads."""
    found: set[str] = set()
    for child in node.children:
        if isinstance(child, WhereNode):
            found |= columns(child)
        elif not isinstance(child, NothingNode):
            found.add(_column(child))
    return found


def is_single(node: WhereNode) -> bool:
    """Say whether the tree is one leaf, however deeply it is wrapped."""
    children = node.children
    return (
        not node.negated and len(children) == 1 and (not isinstance(children[0], WhereNode) or is_single(children[0]))
    )
