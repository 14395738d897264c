"""Count how the labels of recorded bars are read: by each file alone, and in the company of its folder.

    python tools/measure_labels.py ../shared/data/minute_bars

The folder is that of recorded minute bars. Each session of each symbol is a file of its own, the hardest case, and all
symbols of a source on that day are a folder. They are stamped either way, and also cut to 09:30 <= stamp < 16:00.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from measure_quality import recorded_months

from market.providers.files.pooling import settle_label
from market.providers.labels import FoundLabel, Label, LabelContradictory, LabelUndecided, find_label

MINUTE = np.timedelta64(60, "s")
Tallies = dict[tuple[str, Label], Counter[str]]


@dataclass(frozen=True)
class File:
    """One session of one symbol: naive New York starts, and volumes."""

    symbol: str
    starts: Any
    volume: Any


def folders(root: Path, symbols: set[str] | None) -> dict[tuple[str, date], list[File]]:
    found: dict[tuple[str, date], list[File]] = defaultdict(list)
    for recorded in recorded_months(root, symbols):
        zoned: Any = recorded.bars["bar_start"].cast(pa.timestamp("s", tz="America/New_York"))
        starts = pc.local_timestamp(zoned).to_numpy()
        volume = recorded.bars["volume"].to_numpy()
        days = starts.astype("datetime64[D]")
        for day in np.unique(days):
            mine = days == day
            found[recorded.source, day.astype(date)].append(File(recorded.symbol, starts[mine], volume[mine]))
    return found


def variants(file: File) -> Iterator[tuple[str, Label, Any, Any]]:
    """Yield how the stamps are written, what they name, and the stamps with their volumes."""
    for label in Label:
        stamps = file.starts + (MINUTE if label is Label.END else np.timedelta64(0, "s"))
        yield "whole", label, stamps, file.volume
        minute = (stamps - stamps.astype("datetime64[D]")) // MINUTE
        cut = (minute >= 9 * 60 + 30) & (minute < 16 * 60)
        if cut.any():
            yield "cut", label, stamps[cut], file.volume[cut]


def alone(stamps: Any, volume: Any) -> FoundLabel | str | None:
    try:
        return find_label(stamps, volume)
    except LabelUndecided:
        return None
    except LabelContradictory as error:
        return str(error)


def read_folder(files: list[File]) -> Iterator[tuple[str, Label, str, str, FoundLabel | str | None]]:
    """Yield how stamps are written, what they name, whose they are, and how they are read: alone and pooled."""
    readings: dict[tuple[str, Label], list[tuple[str, FoundLabel | str | None]]] = defaultdict(list)
    for file in files:
        for written, label, stamps, volume in variants(file):
            readings[written, label].append((file.symbol, alone(stamps, volume)))
    for (written, label), of_folder in readings.items():
        for number, (symbol, own) in enumerate(of_folder):
            told = [read for at, (_, read) in enumerate(of_folder) if at != number]
            others = [read for read in told if isinstance(read, FoundLabel)]
            yield written, label, symbol, "alone", own
            yield written, label, symbol, "pooled", own if isinstance(own, str) else settle_label(own, others)


def outcome_of(read: FoundLabel | str | None, label: Label) -> str:
    if not isinstance(read, FoundLabel):
        return "refused"
    return "right" if read.label is label else "WRONG"


def count_readings(
    root: Path, symbols: set[str] | None = None, tell: Callable[[str], None] = lambda line: None
) -> Tallies:
    """Return by writing and label how many files are read right, refused and read wrong; `tell` gets the wrong ones.

    `symbols` narrows, as `eqker_av_2019/SPY`.
    """
    counts: Tallies = defaultdict(Counter)
    for (source, day), files in folders(root, symbols).items():
        for written, label, symbol, how, read in read_folder(files):
            outcome = outcome_of(read, label)
            counts[written, label][f"{how} {outcome}"] += 1
            if outcome == "WRONG":
                tell(f"{how} {outcome}: {source} {day} {symbol}, {label} {written}: {read}")
    return counts


def main() -> None:
    counts = count_readings(Path(sys.argv[1]), tell=print)
    names = [f"{how} {outcome}" for how in ("alone", "pooled") for outcome in ("right", "refused", "WRONG")]
    print("| stamps | files | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 2))
    for (written, label), tally in sorted(counts.items()):
        files = sum(tally[name] for name in names[:3])
        print(f"| {label}, {written} | {files} | " + " | ".join(str(tally[name]) for name in names) + " |")


if __name__ == "__main__":
    main()
