"""What `make up` prints."""

from collections.abc import Sequence
from datetime import datetime

Row = tuple[str, str]


def box(title: str, rows: Sequence[Row]) -> str:
    """Frame labelled lines; long values widen the box."""
    label_width = max(len(label) for label, _ in rows)
    lines = [f"{label:<{label_width}}  {value}".rstrip() for label, value in rows]
    width = max(len(line) for line in [*lines, title]) + 2
    framed = [f"│ {line:<{width - 1}}│" for line in ["", *lines, ""]]
    return "\n".join([f"┌─ {title} {'─' * (width - len(title) - 3)}┐", *framed, f"└{'─' * width}┘"])


def stamped(now: datetime, text: str) -> str:
    return f"{now:%H:%M:%S}  {text}"
