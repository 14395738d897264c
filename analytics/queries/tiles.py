"""Tiles: one symbol, one month, one table, encoded and compressed once and then served as stored bytes.

The series of a tile are a pure function of the files of its part, so it is kept under their fingerprint: in memory, and
in a folder that all processes of a machine share. Its provenance names the table versions that it was read at.
"""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from analytics.queries.arrays import equals, to_numpy
from analytics.queries.cache import ByteCache
from analytics.queries.columns import Column, encode, encode_integers
from analytics.queries.errors import MonthUnknown, NotProcessed
from analytics.queries.instants import to_minutes
from analytics.queries.provenance import ALL_PHASES, REGULAR, provenance_of
from analytics.queries.reader import LakeReader, TableView
from analytics.queries.symbols import bars_view, require_symbols
from market.calendar import session_hours, sessions_in_range
from market.lake.tables import Part
from market.months import Month

# A new number gives every tile a new version; raise it whenever the bytes of a tile would change.
FORMAT = 1
MEMORY_BYTES = 64 * 2**20
GZIP_LEVEL = 9
BROTLI_QUALITY = 9
# Averages are quotients, so no scale is exact; a hundredth of a cent is far below a pixel and below any quote.
AVERAGE_SCALE = 4

TABLES = ("bars", "moving_averages")
_PRICES = ("open", "high", "low", "close")
_AVERAGES = ("sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200")


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
    """What a client needs to ask for a tile; `closed` when the month is over, so that the version is final."""

    table: str
    symbol: str
    month: str
    version: str
    rows: int
    closed: bool


class TileStore:
    """The tiles of one lake: memory first, then the shared folder, then the lake."""

    def __init__(self, reader: LakeReader, folder: Path) -> None:
        lake = hashlib.sha256(reader.lake.url.encode()).hexdigest()[:12]
        self._reader = reader
        self._folder = folder / lake
        self._memory: ByteCache[Tile] = ByteCache(MEMORY_BYTES, size_of=lambda tile: tile.size)

    def tile(self, table: str, symbol: str, month: str, *, all_phases: bool = False) -> Tile:
        """Return a tile of `bars` or `moving_averages`. Raises NoBars, SymbolUnknown, MonthUnknown, NotProcessed.

        Both are as traded: a tile can be kept for ever, and a split would change all that were before it.
        """
        part = Part(symbol, month)
        view = self._reader.view(table)
        if part not in view.parts:
            raise_absent(self._reader, table, part)
        version = _version(view, part)
        key = (table, part, version, all_phases)
        return self._memory.get_or_build(key, lambda: self._stored_or_built(view, part, version, all_phases))

    def _stored_or_built(self, view: TableView, part: Part, version: str, all_phases: bool) -> Tile:
        table = view.snapshot.table.name
        folder = self._folder / table / part.symbol / part.month
        stem = f"{version}.all" if all_phases else version
        paths = [folder / f"{stem}.json.gz", folder / f"{stem}.json.br"]
        try:
            contents = [path.read_bytes() for path in paths]
        except FileNotFoundError:
            contents = _compressed(self._encode(view, part, version, all_phases))
            _store(folder, version, dict(zip(paths, contents, strict=True)))
        return Tile(version, encoded_bytes("gzip", contents[0]), encoded_bytes("br", contents[1]))

    def _encode(self, view: TableView, part: Part, version: str, all_phases: bool) -> bytes:
        table = view.snapshot.table.name
        read: Callable[..., tuple[int, dict[str, Column]]] = bar_columns if table == "bars" else average_columns
        rows, columns = read(view, part, all_phases)
        bars = self._reader.view("bars")
        phases = ALL_PHASES if all_phases else REGULAR
        derived = None if table == "bars" else view
        provenance = provenance_of(self._reader, bars, [part], derived, phases=phases)
        return orjson.dumps(
            {
                "symbol": part.symbol,
                "month": part.month,
                "version": version,
                "timeframe": "1min",
                "rows": rows,
                "columns": columns,
                "provenance": provenance.to_json(),
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )


def tile_entries(reader: LakeReader, table: str, symbol: str, now: datetime) -> list[TileEntry]:
    """Return the tiles there are of a symbol, by month; none when the table has no such symbol."""
    view = reader.view(table)
    return [
        TileEntry(table, symbol, month, _version(view, part), view.rows(part), is_closed(month, now))
        for month in view.months.get(symbol, [])
        for part in [Part(symbol, month)]
    ]


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


def bar_columns(view: TableView, part: Part, all_phases: bool) -> tuple[int, dict[str, Column]]:
    """Return the number of rows and the encoded OHLCV of a part's bars that are not quarantined."""
    bars = view.read(part, ("bar_start", "phase", "quarantined", *_PRICES, "volume"))
    keep = ~to_numpy(bars["quarantined"])
    if not all_phases:
        keep &= equals(bars["phase"], "regular")
    columns = {"bar_start": encode_integers(to_minutes(bars["bar_start"])[keep])}
    columns |= {name: encode(to_numpy(bars[name])[keep]) for name in _PRICES}
    columns["volume"] = encode_integers(to_numpy(bars["volume"])[keep])
    if all_phases:
        columns["phase"] = encode_integers(phase_codes(bars["phase"])[keep])
    return int(keep.sum()), columns


def phase_codes(phases: "pa.ChunkedArray[Any]") -> NDArray[np.int64]:
    """Return the position of each phase in `ALL_PHASES`, as the column `phase` of a tile has it."""
    codes = np.zeros(len(phases), dtype=np.int64)
    for code, phase in enumerate(ALL_PHASES):
        codes[equals(phases, phase)] = code
    return codes


def average_columns(view: TableView, part: Part, all_phases: bool) -> tuple[int, dict[str, Column]]:
    """Return the number of rows and the encoded moving averages of a part; they know regular bars only."""
    averages = view.read(part, ("bar_start", "close", *_AVERAGES)).sort_by("bar_start")
    columns = {
        "bar_start": encode_integers(to_minutes(averages["bar_start"])),
        "close": encode(to_numpy(averages["close"])),
    }
    columns |= {name: encode(to_numpy(averages[name]).astype(np.float64), AVERAGE_SCALE) for name in _AVERAGES}
    return averages.num_rows, columns


def raise_absent(reader: LakeReader, table: str, part: Part) -> None:
    """Raise the error that says why there is no such tile."""
    bars = bars_view(reader)
    require_symbols(bars, [part.symbol], "symbol")
    if part in bars.parts:
        raise NotProcessed(table, part.symbol)
    raise MonthUnknown(part.symbol, part.month, bars.months[part.symbol])


def _version(view: TableView, part: Part) -> str:
    return f"{view.fingerprint(part)}-{FORMAT}"


def _compressed(content: bytes) -> list[bytes]:
    return [
        gzip.compress(content, GZIP_LEVEL, mtime=0),
        brotli.compress(content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY),
    ]


def _store(folder: Path, version: str, contents: dict[Path, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        _write_whole(path, content)
    for old in folder.iterdir():
        if not old.name.startswith((version, ".")):
            old.unlink(missing_ok=True)


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        # Without it a power cut can leave a file of the right name and no content.
        os.fsync(handle.fileno())
    Path(temporary).replace(path)
