"""The cache that is bounded by bytes."""

from analytics.queries.cache import ByteCache


def never() -> bytes:
    raise AssertionError("built again")


def test_a_kept_value_is_not_built_again() -> None:
    cache: ByteCache[bytes] = ByteCache(10, size_of=len)
    cache.get_or_build("a", lambda: b"12345")

    assert cache.get_or_build("a", never) == b"12345"


def test_the_value_used_longest_ago_goes_first() -> None:
    cache: ByteCache[bytes] = ByteCache(10, size_of=len)
    for key in ("a", "b"):
        cache.get_or_build(key, lambda: b"12345")
    cache.get("a")

    cache.get_or_build("c", lambda: b"12345")

    assert [cache.get(key) for key in ("a", "b", "c")] == [b"12345", None, b"12345"]
    assert cache.size == 10


def test_a_value_larger_than_the_cache_is_not_kept() -> None:
    cache: ByteCache[bytes] = ByteCache(3, size_of=len)

    assert cache.get_or_build("a", lambda: b"12345") == b"12345"
    assert cache.get("a") is None
    assert cache.size == 0
