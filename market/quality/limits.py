"""From where on a session is called doubtful."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Fractions but for `gap_minutes`; docs/quality.md says where the defaults come from."""

    completeness: float = 0.99
    gap_minutes: int = 15
    jump: float = 0.20
    volume_tolerance: float = 0.04
    volume_floor: float = 0.60
    range_tolerance: float = 0.01


def configured_limits() -> Limits:
    return Limits(
        completeness=settings.QUALITY_COMPLETENESS,
        gap_minutes=settings.QUALITY_GAP_MINUTES,
        jump=settings.QUALITY_JUMP,
        volume_tolerance=settings.QUALITY_VOLUME_TOLERANCE,
        volume_floor=settings.QUALITY_VOLUME_FLOOR,
        range_tolerance=settings.QUALITY_RANGE_TOLERANCE,
    )
