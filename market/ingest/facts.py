"""Ask a provider for what is no bars, keep the reply, and write down what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from market.ingest.pacing import Sleep, with_retries
from market.lake.location import Lake
from market.providers.asking import Asked, FactsProvider
from market.providers.base import ProviderError
from market.raw import ACCEPTED, store_reply, write_manifest

T = TypeVar("T")


def learn(
    question: Asked[T],
    lake: Lake,
    provider: FactsProvider,
    now: datetime,
    *,
    sleep: Sleep,
    note: Callable[[str], None],
) -> tuple[T, ...]:
    """Return the answer's entries; `note` is told of waits. Raises ProviderError and LakeUnreachable."""
    return with_retries(lambda: _attempt(question, lake, provider, now), sleep, note)


def _attempt(question: Asked[T], lake: Lake, provider: FactsProvider, now: datetime) -> tuple[T, ...]:
    raw = store_reply(lake, provider.ask(question, now))
    try:
        entries: tuple[T, ...] = provider.answer(question, raw.reply)
    except ProviderError as error:
        write_manifest(lake, raw, error.kind, {"detail": str(error)})
        raise
    write_manifest(lake, raw, ACCEPTED, {"entries": len(entries)})
    return entries
