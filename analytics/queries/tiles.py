"""Tiles: one symbol, one month, one table, encoded and compressed once and then served as stored bytes.

The series of a tile are a pure function of the files of its part and of the splits and dividends it is adjusted for, so
it is kept under the fingerprints of both: in memory, and in a folder that all processes of a machine share. Its
provenance names the table versions that it was read at, and those events.
"""

import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import brotli
import orjson

from analytics.queries.adjustment import (
    AS_TRADED,
    Adjustment,
    Basis,
    Factors,
    factors_of,
    first_session,
    with_events,
)
from analytics.queries.cache import ByteCache
from analytics.queries.errors import MonthUnknown, NotProcessed
from analytics.queries.provenance import ALL_PHASES, REGULAR, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.symbols import bars_view, require_symbols
from analytics.queries.tile_columns import average_columns, bar_columns
from market.calendar import session_hours, sessions_in_range
from market.lake.snapshots import Part
from market.months import Month

# A new number gives every tile a new version; raise it whenever the bytes of a tile would change.
FORMAT = 1
MEMORY_BYTES = 64 * 2**20
GZIP_LEVEL = 9
BROTLI_QUALITY = 9

TABLES = ("bars", "moving_averages")


@dataclass(frozen=True, slots=True)
class EncodedBytes:
    """One representation of a tile; `etag` is strong, quoted and differs between encodings."""

    encoding: str
    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is served; `version` names its content."""

    version: str
    gzip: EncodedBytes
    brotli: EncodedBytes

    @property
    def size(self) -> int:
        return len(self.gzip.content) + len(self.brotli.content)

    def identity(self) -> EncodedBytes:
        """Return the tile uncompressed, for the rare client that accepts neither encoding."""
        return encoded_bytes("", gzip.decompress(self.gzip.content))


@dataclass(frozen=True, slots=True)
class TileEntry:
    """What a client needs to ask for a tile; `closed` when the month is over, so that the version is final.

    `adjustment` is raw where no event applies to the month, whatever was asked for: the tile is the one as traded.
    """

    table: str
    symbol: str
    month: str
    version: str
    rows: int
    closed: bool
    adjustment: Adjustment = Adjustment.RAW


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A tile to be made: a part of a version of a table, for these phases and on this basis."""

    view: TableView
    part: Part
    all_phases: bool
    adjustment: Adjustment
    factors: Factors

    @property
    def table(self) -> str:
        return self.view.snapshot.table.name

    @property
    def version(self) -> str:
        return _version(self.view, self.part, self.adjustment, self.factors)


class TileStore:
    """The tiles of one lake: memory first, then the shared folder, then the lake."""

    def __init__(self, reader: LakeReader, folder: Path) -> None:
        lake = hashlib.sha256(reader.lake.url.encode()).hexdigest()[:12]
        self._reader = reader
        self._folder = folder / lake
        self._memory: ByteCache[Tile] = ByteCache(MEMORY_BYTES, size_of=lambda tile: tile.size)

    def tile(self, table: str, symbol: str, month: str, basis: Basis = AS_TRADED, *, all_phases: bool = False) -> Tile:
        """Return a tile of `bars` or `moving_averages`. Raises NoBars, SymbolUnknown, MonthUnknown, NotProcessed.

        Where no event of the basis applies to the month, that is the tile as traded.
        """
        part = Part(symbol, month)
        view = self._reader.view(table)
        if part not in view.parts:
            raise_absent(self._reader, table, part)
        adjustment = basis.adjustment
        factors = _factors(self._reader, part, factors_of(self._reader, symbol, adjustment, basis.now))
        key = (table, part, _version(view, part, adjustment, factors), all_phases)
        return self._memory.get_or_build(
            key, lambda: self._stored_or_built(_Wanted(view, part, all_phases, adjustment, factors))
        )

    def _stored_or_built(self, wanted: _Wanted) -> Tile:
        folder = self._folder / wanted.table / wanted.part.symbol / wanted.part.month
        stem = f"{wanted.version}.all" if wanted.all_phases else wanted.version
        paths = [folder / f"{stem}.json.gz", folder / f"{stem}.json.br"]
        try:
            contents = [path.read_bytes() for path in paths]
        except FileNotFoundError:
            contents = _compressed(self._encode(wanted))
            _store(folder, wanted, dict(zip(paths, contents, strict=True)))
        return Tile(wanted.version, encoded_bytes("gzip", contents[0]), encoded_bytes("br", contents[1]))

    def _encode(self, wanted: _Wanted) -> bytes:
        view, part, factors = wanted.view, wanted.part, wanted.factors
        if wanted.table == "bars":
            rows, columns = bar_columns(view, part, factors, all_phases=wanted.all_phases)
        else:
            rows, columns = average_columns(view, part, factors)
        bars = self._reader.view("bars")
        phases = ALL_PHASES if wanted.all_phases else REGULAR
        derived = None if wanted.table == "bars" else view
        provenance = provenance_of(self._reader, bars, [part], derived, phases=phases)
        if factors.events:
            provenance = with_events(self._reader, provenance, wanted.adjustment, [factors])
        return orjson.dumps(
            {
                "symbol": part.symbol,
                "month": part.month,
                "version": wanted.version,
                "timeframe": "1min",
                "rows": rows,
                "columns": columns,
                "provenance": provenance.to_json(),
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )


def tile_entries(
    reader: LakeReader, table: str, symbol: str, now: datetime, adjustment: Adjustment = Adjustment.RAW
) -> list[TileEntry]:
    """Return the tiles there are of a symbol, by month; none when the table has no such symbol."""
    view, factors = reader.view(table), factors_of(reader, symbol, adjustment, now)
    parts = [Part(symbol, month) for month in view.months.get(symbol, [])]
    return [_entry(view, part, adjustment, _factors(reader, part, factors), now) for part in parts]


def _entry(view: TableView, part: Part, asked: Adjustment, factors: Factors, now: datetime) -> TileEntry:
    return TileEntry(
        table=view.snapshot.table.name,
        symbol=part.symbol,
        month=part.month,
        version=_version(view, part, asked, factors),
        rows=view.rows(part),
        closed=is_closed(part.month, now),
        adjustment=asked if factors.events else Adjustment.RAW,
    )


def _factors(reader: LakeReader, part: Part, of_symbol: Factors) -> Factors:
    """Return the factors of the events that some bars of a part lie before."""
    return of_symbol.before(first_session(reader, part)) if of_symbol.events else of_symbol


def _version(view: TableView, part: Part, adjustment: Adjustment, factors: Factors) -> str:
    as_traded = f"{view.fingerprint(part)}-{FORMAT}"
    return f"{as_traded}-{adjustment}-{factors.version}" if factors.events else as_traded


def is_closed(month: str, now: datetime) -> bool:
    """Tell whether the last session of a month is over, extended hours included, an hour ago at least."""
    return now >= _closes_at(month)


@cache
def _closes_at(month: str) -> datetime:
    parsed = Month.parse(month)
    sessions = sessions_in_range(parsed.first_date, parsed.last_date)
    return session_hours(sessions[-1]).post_close + timedelta(hours=1)


def encoded_bytes(encoding: str, content: bytes) -> EncodedBytes:
    return EncodedBytes(encoding, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def raise_absent(reader: LakeReader, table: str, part: Part) -> None:
    """Raise the error that says why there is no such tile."""
    bars = bars_view(reader)
    require_symbols(bars, [part.symbol], "symbol")
    if part in bars.parts:
        raise NotProcessed(table, part.symbol)
    raise MonthUnknown(part.symbol, part.month, bars.months[part.symbol])


def _compressed(content: bytes) -> list[bytes]:
    return [
        gzip.compress(content, GZIP_LEVEL, mtime=0),
        brotli.compress(content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY),
    ]


def _store(folder: Path, wanted: _Wanted, contents: dict[Path, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        _write_whole(path, content)
    for old in folder.iterdir():
        if not old.name.startswith(".") and _is_replaced(old.name.partition(".")[0], wanted):
            old.unlink(missing_ok=True)


def _is_replaced(version: str, wanted: _Wanted) -> bool:
    """Tell whether a stored version is of older bars or of older events; those of other adjustments stay."""
    *bars, adjustment = [*version.split("-"), ""][:3]
    if bars != wanted.version.split("-")[:2]:
        return True
    return bool(wanted.factors.events) and adjustment == wanted.adjustment and version != wanted.version


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        # Without it a power cut can leave a file of the right name and no content.
        os.fsync(handle.fileno())
    Path(temporary).replace(path)
