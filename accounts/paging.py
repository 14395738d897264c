"""Pages of users that cost a page, not the whole table.

DynamoDB has no OFFSET: page 50 by counting would read 49 pages. The last name of each page that was shown is kept for
a minute, so the next page starts right behind it. The number of users is counted at most once a minute per filter.
Substring searches and other orders still read all users.
"""

import hashlib
import secrets
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.core.paginator import Page, Paginator

SECONDS = 60
GENERATION = "accounts.page:generation"


def forget_pages() -> None:
    """Count and place anew after a change of users made by this process; others notice within a minute."""
    cache.set(GENERATION, secrets.token_hex(4), None)


class BookmarkPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    object_list: Any

    @cached_property
    def count(self) -> int:
        return int(cache.get_or_set(f"{self._key}:count", self.object_list.count, SECONDS) or 0)

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]  # generic in the stubs only
        wanted = self.validate_number(number)
        users = list(self._users_of(wanted))
        if self._direction and len(users) == self.per_page:
            cache.set(f"{self._key}:end:{wanted}", users[-1].pk, SECONDS)
        return Page(users, wanted, self)

    def _users_of(self, number: int) -> Any:
        bookmark = cache.get(f"{self._key}:end:{number - 1}") if self._direction and number > 1 else None
        if bookmark is None:
            start = (number - 1) * self.per_page
            return self.object_list[start : start + self.per_page]
        return self.object_list.filter(**{f"username__{self._direction}": bookmark})[: self.per_page]

    @cached_property
    def _direction(self) -> str:
        """Return the lookup that leads to the next page, or "" when the order is not by name."""
        first = (self.object_list.query.order_by or ("username",))[0]
        return {"username": "gt", "pk": "gt", "-username": "lt", "-pk": "lt"}.get(str(first), "")

    @cached_property
    def _key(self) -> str:
        generation = cache.get(GENERATION, "")
        query = f"{generation} {self.object_list.query.where} {self.object_list.query.order_by} {self.per_page}"
        return "accounts.page:" + hashlib.sha256(query.encode()).hexdigest()
