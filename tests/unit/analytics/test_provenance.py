"""What the provenance of an answer counts."""

from datetime import date
from pathlib import Path

import pytest

from analytics.queries.provenance import ALL_PHASES, REGULAR, provenance_of
from analytics.queries.reader import LakeReader
from market.calendar import Phase
from tests.builders import SESSION, make_lake, make_session_bars, write_bars

NEXT = date(2026, 10, 2)


@pytest.mark.parametrize(
    ("phases", "sessions", "quarantined"),
    [
        (REGULAR, (date.min, date.max), 2),
        (REGULAR, (SESSION, SESSION), 1),
        (ALL_PHASES, (date.min, date.max), 8),
        (ALL_PHASES, (SESSION, SESSION), 4),
    ],
)
def test_quarantined_bars_are_counted_in_the_phases_that_are_named(
    empty_folder: Path, phases: tuple[str, ...], sessions: tuple[date, date], quarantined: int
) -> None:
    lake = make_lake(empty_folder)
    bars = []
    for session in (SESSION, NEXT):
        made = make_session_bars(session=session, phases=(Phase.PRE, Phase.REGULAR))
        regular = next(number for number, bar in enumerate(made) if bar["phase"] == "regular")
        for bar in made[regular - 3 : regular + 1]:
            bar |= {"quarantined": True, "flags": ["bad_print"]}
        bars += made
    write_bars(lake, bars)
    reader = LakeReader(lake)
    view = reader.view("bars")

    provenance = provenance_of(reader, view, list(view.parts), sessions=sessions, phases=phases)

    assert (provenance.phases, provenance.quarantined_bars) == (phases, quarantined)
