"""A least-recently-used cache that is bounded by bytes, safe to share between threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class ByteCache(Generic[T]):
    """Keeps the values used last, up to `max_bytes` by what `size_of` says; a value larger than that is not kept."""

    def __init__(self, max_bytes: int, size_of: Callable[[T], int]) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self._size_of = size_of
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            held = self._values.get(key)
            if held is None:
                return None
            self._values.move_to_end(key)
            return held[0]

    def get_or_build(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return the value kept under `key`, or build and keep it. Two threads may build the same value at once."""
        value = self.get(key)
        if value is None:
            value = build()
            self._keep(key, value)
        return value

    def _keep(self, key: Hashable, value: T) -> None:
        size = self._size_of(value)
        if size > self.max_bytes:
            return
        with self._lock:
            _, replaced = self._values.pop(key, (None, 0))
            self._values[key] = (value, size)
            self.size += size - replaced
            while self.size > self.max_bytes:
                _, (_, freed) = self._values.popitem(last=False)
                self.size -= freed
