"""A real QuerySet whose query tree is executed on DynamoDB.

Django parses every filter, order and slice into `Query`; only the execution is ours, so `get`, `first`, `in_bulk`,
`only`, pickling and the async methods are Django's own. Whatever DynamoDB cannot do is refused with NotSupportedError.
"""

from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, Self

from asgiref.sync import sync_to_async
from django.db import IntegrityError, NotSupportedError
from django.db.models import Count, Q, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesIterable,
    ValuesListIterable,
)

from accounts.dynamo import lookups, plan, store

# Always loaded, whatever only() says: a save needs them to know that it writes to the user that was read.
IDENTITY = ("username", "uid", "rev")


class DynamoQuerySet(QuerySet[Any, Any]):
    """`User.objects…`, answered by `accounts.dynamo.plan`."""

    if TYPE_CHECKING:
        # Django's private side, which the stubs leave out.
        _fields: tuple[str, ...] | None
        _prefetch_related_lookups: tuple[Any, ...]
        _prefetch_done: bool
        _iterable_class: type[Any]
        _chain: Callable[[], Self]
        _prefetch_related_objects: Callable[[], None]
        _not_support_combined_queries: Callable[[str], None]

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._result_cache = list(self._results())
        if self._prefetch_related_lookups and not self._prefetch_done:
            self._prefetch_related_objects()

    def _iterator(self, use_chunked_fetch: bool, chunk_size: int | None) -> Iterator[Any]:
        yield from self if self._prefetch_related_lookups else self._results()

    async def aiterator(self, chunk_size: int = 2000) -> AsyncIterator[Any]:
        results: list[Any] = await sync_to_async(lambda: list(self.iterator(chunk_size)))()
        for result in results:
            yield result

    def _results(self) -> Iterator[Any]:
        if issubclass(self._iterable_class, ModelIterable):
            names = self._loaded_columns()
            rows = plan.find_rows(self.query, names)
            return (self.model.from_db(self.db, names, [row.get(name) for name in names]) for row in rows)
        return self._value_rows()

    def _loaded_columns(self) -> list[str]:
        mask = {getattr(field, "attname", "") for field in self.query.get_select_mask()}
        return [
            field.attname
            for field in self.model._meta.concrete_fields
            if not mask or field.attname in mask or field.attname in IDENTITY
        ]

    def _value_rows(self) -> Iterator[Any]:
        names = self.query.values_select
        columns = [self._column(name) for name in names]
        found = (tuple(row.get(column) for column in columns) for row in plan.find_rows(self.query, columns))
        rows = iter(dict.fromkeys(found)) if self.query.distinct else found
        return map(self._shape(names), rows)

    def _column(self, name: str) -> str:
        meta = self.model._meta
        field: Any = meta.pk if name == "pk" else meta.get_field(name)
        return str(field.attname)

    def _shape(self, names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
        kind = self._iterable_class
        if issubclass(kind, ValuesIterable):
            return lambda row: dict(zip(names, row, strict=True))
        if issubclass(kind, FlatValuesListIterable):
            return lambda row: row[0]
        if issubclass(kind, NamedValuesListIterable):
            row_class: Any = namedtuple("Row", names)  # type: ignore[misc]  # the names are known at run time only
            return lambda row: row_class(*row)
        if issubclass(kind, ValuesListIterable):
            return lambda row: row
        raise NotSupportedError(f"Users live in DynamoDB: results as {kind.__name__} are not supported.")

    def _filter_or_exclude_inplace(self, negate: bool, args: Any, kwargs: Any) -> None:
        super()._filter_or_exclude_inplace(negate, args, kwargs)  # type: ignore[misc]  # private: not in the stubs
        # Refused here rather than when the rows are read, so that the admin can say "bad filter" instead of failing.
        plan.refuse_unanswerable(self.query)

    def count(self) -> int:
        if self._result_cache is not None:
            return len(self._result_cache)
        query = self.query
        plan.refuse_unanswerable(query)
        if query.distinct and self._fields:
            return sum(1 for _ in self._value_rows())
        if query.where.children:
            return sum(1 for _ in plan.find_rows(self._unordered().query, ()))
        total = max(0, store.count_users() - query.low_mark)
        return total if query.high_mark is None else min(total, query.high_mark - query.low_mark)

    def _unordered(self) -> Self:
        clone = self._chain()
        clone.query.clear_ordering(force=False)
        return clone

    def exists(self) -> bool:
        if self._result_cache is not None:
            return bool(self._result_cache)
        clone = self._unordered()
        clone.query.set_limits(high=1)
        return any(True for _ in plan.find_rows(clone.query, ()))

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Count rows, each count with its own filter: what the admin's facets ask. Other aggregates are refused."""
        counts = {arg.default_alias: arg for arg in args} | kwargs
        predicates = {alias: self._counted(expression) for alias, expression in counts.items()}
        totals = dict.fromkeys(predicates, 0)
        for row in plan.find_rows(self._unordered().query, ()):
            for alias, matches in predicates.items():
                totals[alias] += matches(row)
        return totals

    def _counted(self, expression: Any) -> lookups.Predicate:
        if not isinstance(expression, Count) or getattr(expression, "distinct", False):
            raise NotSupportedError("Users live in DynamoDB: they can be counted, not aggregated.")
        condition: Any = expression.filter
        condition = getattr(condition, "condition", condition)  # Django 6 wraps the Q
        if condition is None:
            return lambda row: True
        if not isinstance(condition, Q):
            raise NotSupportedError("Users live in DynamoDB: a count's filter must be a Q.")
        return lookups.compile_where(self.model._default_manager.filter(condition).query.where)

    def update(self, **kwargs: Any) -> int:
        """Write each matching user by its own conditional update; there is no transaction over all of them."""
        self._not_support_combined_queries("update")
        if self.query.is_sliced:
            raise TypeError("Cannot update a query once a slice has been taken.")
        if any(hasattr(value, "resolve_expression") for value in kwargs.values()):
            raise NotSupportedError("Users live in DynamoDB: update() takes values, not expressions.")
        users = list(self.order_by())
        for user in users:
            for name, value in kwargs.items():
                setattr(user, name, value)
            user.save(update_fields=list(kwargs))
        self._result_cache = None
        return len(users)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.query.is_sliced:
            raise TypeError("Cannot use 'limit' or 'offset' with delete().")
        if self._fields is not None:
            raise TypeError("Cannot call delete() after .values() or .values_list()")
        deleted = sum(user.delete()[0] for user in list(self.order_by()))
        self._result_cache = None
        return deleted, {self.model._meta.label: deleted} if deleted else {}

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Insert one by one; each insert is whole or not at all."""
        if update_conflicts or update_fields or unique_fields:
            raise NotSupportedError("Users live in DynamoDB: bulk_create() cannot update.")
        created = list(objs)
        for user in created:
            try:
                user.save(force_insert=True)
            except IntegrityError:
                if not ignore_conflicts:
                    raise
        return created

    def resolve_expression(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotSupportedError("Users live in DynamoDB: they cannot be a subquery. Pass a list of users or names.")

    def _refused(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotSupportedError(
            "Users live in DynamoDB: bulk_update, annotations, unions, raw, extra, explain, dates and row locks "
            "are not supported."
        )

    bulk_update = _annotate = _combinator_query = raw = extra = explain = select_for_update = _refused
