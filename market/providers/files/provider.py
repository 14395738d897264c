"""The provider `files`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from market.bars.csv import BodyMalformed, BodyTorn, parse_csv
from market.calendar import FIRST_DATE
from market.limits import Account
from market.months import Month
from market.providers.base import (
    Capabilities,
    EmptyError,
    ParsedReply,
    RawReply,
    ReplyKind,
    UnreadableError,
)
from market.providers.files.columns import VALUES
from market.providers.files.scanned import Scanned, Source
from market.providers.zones import Zone, in_new_york

FUNCTION = "FILE"
HEADER = b"timestamp,open,high,low,close,volume\n"
_UTC = pa.timestamp("us", tz="UTC")


# Gives the bars that were taken last from files of a symbol-month, as a table with `stamp`; None when there are none.
Earlier = Callable[[str, Month], pa.Table | None]


def nothing_earlier(symbol: str, month: Month) -> pa.Table | None:
    return None


@dataclass(frozen=True)
class Files:
    """Bars of a folder that was read. A reply's stamps are UTC starts; its request says which files, and why so.

    Files that hold a part of a month join what came `earlier`: sessions that they do not hold stay as they were.
    """

    scanned: Scanned
    earlier: Earlier = nothing_earlier
    name: str = "files"
    function: str = FUNCTION
    synthetic: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_key=False,
            extended_hours=True,
            adjustment="raw",
            first_month=Month.of(FIRST_DATE),
            licence="As the files' vendor says.",
            requests_per_cell=0,
        )

    @property
    def account(self) -> Account | None:
        return None

    def offers(self, symbol: str, month: Month) -> bool:
        return (symbol, month) in self.scanned.pieces

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return sha256(self._body(symbol, month)).hexdigest()

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        if not self.offers(symbol, month):
            raise EmptyError(ReplyKind.EMPTY, f"No file holds bars of {symbol} in {month}.")
        return RawReply(
            provider=self.name,
            function=FUNCTION,
            symbol=symbol,
            month=month,
            request=_request(self.scanned.sources_of(symbol, month)),
            status=200,
            content_type="text/csv",
            body=self._body(symbol, month),
            fetched_at=now,
        )

    def _body(self, symbol: str, month: Month) -> bytes:
        table: Any = self._joined(symbol, month).sort_by("bar_start")
        stamps = pc.strftime(table["bar_start"].cast(pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S")
        sink = pa.BufferOutputStream()
        options = csv.WriteOptions(include_header=False, quoting_style="none")
        csv.write_csv(table.select(list(VALUES)).add_column(0, "timestamp", stamps), sink, options)
        return HEADER + sink.getvalue().to_pybytes()

    def _joined(self, symbol: str, month: Month) -> pa.Table:
        table, earlier = self.scanned.table(symbol, month), self.earlier(symbol, month)
        if earlier is None:
            return table
        earlier = earlier.rename_columns(table.column_names).cast(table.schema)
        kept = ~np.isin(_sessions(earlier), np.unique(_sessions(table)))
        return pa.concat_tables([earlier.filter(pa.array(kept)), table])

    def parse(self, reply: RawReply) -> ParsedReply:
        return parse_files_reply(reply)


def _sessions(table: pa.Table) -> Any:
    starts: Any = table["bar_start"].cast(pa.timestamp("s"))
    return in_new_york(starts.to_numpy(), Zone.UTC).astype("datetime64[D]")


def _request(sources: list[Source]) -> dict[str, str]:
    def each(texts: list[str]) -> str:
        return "; ".join(dict.fromkeys(texts))

    return {
        "files": each([f"{source.path.name} sha256 {source.sha256}" for source in sources]),
        "layout": each([source.layout for source in sources]),
        "zone": each([str(source.conventions.zone) for source in sources]),
        "label": each([str(source.conventions.label) for source in sources]),
    }


def parse_files_reply(reply: RawReply) -> ParsedReply:
    """Return the bars of a stored reply. Raises ProviderError."""
    try:
        stamped = parse_csv(reply.body)
    except (BodyMalformed, BodyTorn) as error:
        files = reply.request.get("files", "the files")
        raise UnreadableError(
            ReplyKind.UNKNOWN, f"Not taken, because {error}. Correct {files}, or import them one at a time."
        ) from error
    if not stamped.num_rows:
        raise EmptyError(ReplyKind.EMPTY, "The file has no rows.")
    starts = stamped["stamp"].cast(pa.timestamp("us")).cast(_UTC)
    label = reply.request.get("label", "start (as the file was laid aside)")
    return ParsedReply(stamped.drop_columns(["stamp"]).add_column(0, "bar_start", starts), label)
