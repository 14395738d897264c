"""Fetch one cell: ask, keep the reply, look into it, commit its bars, and write down what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.corrections import Replacement, record
from market.ingest.commit import Verdict, commit_month
from market.ingest.pacing import Sleep, with_retries
from market.ingest.plan import Cell
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.progress import Progress
from market.providers.base import (
    EmptyError,
    PermanentError,
    Provider,
    ProviderError,
    RawReply,
    ReplyKind,
)
from market.raw import ACCEPTED, RawObject, store_reply, write_manifest


@dataclass(frozen=True)
class Fetcher:
    """What the cells of one run have in common."""

    lake: Lake
    provider: Provider
    now: datetime
    run_id: str
    force: bool
    sleep: Sleep
    progress: Progress

    def fetch(self, cell: Cell) -> tuple[Verdict, int]:
        """Return what became of the cell and how many bars the reply had.

        Raises ProviderError when there is no good reply after the retries that its kind allows, and LakeUnreachable.
        """
        return with_retries(lambda: self._attempt(cell), self.sleep, lambda text: self.progress.note(f"{cell}: {text}"))

    def _attempt(self, cell: Cell) -> tuple[Verdict, int]:
        reply = self.provider.fetch_month(cell.symbol, cell.month, self.now)
        raw = store_reply(self.lake, reply)
        try:
            bars, label = self._read(reply)
        except ProviderError as error:
            write_manifest(self.lake, raw, error.kind, {"detail": str(error)})
            raise
        verdict = self._commit(raw, bars)
        outcome = Verdict.SHRUNK if verdict is Verdict.SHRUNK else ACCEPTED
        write_manifest(self.lake, raw, outcome, {"result": verdict, "label": label, **_facts(bars)})
        return verdict, bars.num_rows

    def _read(self, reply: RawReply) -> tuple[pa.Table, str]:
        parsed = self.provider.parse(reply)
        origin = Origin(reply.symbol, reply.month, reply.provider, reply.fetched_at)
        try:
            bars = build_bars(parsed.bars, origin)
        except BarsOutOfMonth as error:
            raise PermanentError(ReplyKind.UNKNOWN, f"Not taken, because {error}. The reply is kept.") from error
        if not bars.num_rows:
            raise EmptyError(ReplyKind.EMPTY, "The reply has no bar that had ended; run again later.")
        return bars, parsed.label

    def _commit(self, raw: RawObject, bars: pa.Table) -> Verdict:
        metadata = {"writer": "fetch_prices", "provider": self.provider.name, "raw": raw.stem}

        def replaced(old: pa.Table) -> None:
            part = Part(raw.reply.symbol, str(raw.reply.month))
            record(self.lake, Replacement(part, old, bars, raw.stem, raw.reply.fetched_at))

        return commit_month(
            bars_table(self.lake),
            bars,
            provider=self.provider,
            run_id=self.run_id,
            metadata=metadata,
            force=self.force,
            replaced=replaced,
        )


def _facts(bars: pa.Table) -> Mapping[str, Any]:
    return {
        "rows": bars.num_rows,
        "first_bar": bars["bar_start"][0].as_py().isoformat(),
        "last_bar": bars["bar_start"][-1].as_py().isoformat(),
        "quarantined": pc.sum(bars["quarantined"]).as_py(),
    }
