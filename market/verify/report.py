"""What `verify_lake` has found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong; the value is shown."""

    RAW_DAMAGED = "damaged reply"
    RAW_MISSING = "missing reply"
    MANIFEST_WRONG = "wrong manifest"
    COUNT_WRONG = "wrong count"
    LOG_DAMAGED = "damaged log"
    FILE_MISSING = "missing file"
    FILE_DAMAGED = "damaged file"
    ORDER_WRONG = "wrong order"
    DUPLICATE = "duplicate key"
    CONTENT_WRONG = "wrong content"
    ORPHAN = "orphan file"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; `advice` is a sentence. `path` is below the lake."""

    kind: Kind
    path: str
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.problem}. {self.advice}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`repaired` are findings that are no more."""

    objects: int
    rows: int
    findings: tuple[Finding, ...]
    repaired: tuple[Finding, ...] = ()

    def summary(self) -> str:
        counts = Counter(finding.kind for finding in self.findings)
        found = ", ".join(f"{counts[kind]} × {kind}" for kind in Kind if counts[kind])
        head = f"{self.objects:,} stored replies and {self.rows:,} rows of tables read; {found or 'nothing is wrong'}."
        return "\n".join([head, *_lines(self.findings), *(f"  repaired: {finding}" for finding in self.repaired)])


def _lines(findings: Iterable[Finding]) -> list[str]:
    return [f"  {finding}" for finding in findings]
