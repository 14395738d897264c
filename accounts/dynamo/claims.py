"""Whether users and e-mail claims agree, and how to make them. Reads both tables whole."""

from contextlib import suppress
from dataclasses import dataclass, field

from accounts.dynamo.client import ConditionFailed, guard


@dataclass
class Disagreements:
    """`orphans` are claims (address, name) that no user holds; `unclaimed` are users (name, address) without a claim;
    `clashes` are users whose address another user holds."""

    orphans: list[tuple[str, str]] = field(default_factory=list)
    unclaimed: list[tuple[str, str]] = field(default_factory=list)
    clashes: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.orphans or self.unclaimed or self.clashes)


def compare() -> Disagreements:
    from accounts.dynamo.tables import EmailClaim, UserItem

    with guard():
        claims = {item.email: item.username for item in EmailClaim.scan(consistent_read=True)}
        users = {item.username: item.email for item in UserItem.scan(consistent_read=True)}
    found = Disagreements()
    found.orphans = [(email, name) for email, name in claims.items() if users.get(name) != email]
    for name, email in users.items():
        if email and email not in claims:
            found.unclaimed.append((name, email))
        elif email and claims[email] != name:
            found.clashes.append((name, email))
    return found


def repair(found: Disagreements) -> None:
    """Drop orphaned claims and claim what is unclaimed. A clash is for a person to decide."""
    from accounts.dynamo.tables import EmailClaim

    for email, name in found.orphans:
        with suppress(ConditionFailed), guard():
            EmailClaim(email).delete(condition=EmailClaim.username == name)
    for name, email in found.unclaimed:
        with suppress(ConditionFailed), guard():
            EmailClaim(email, username=name).save(condition=EmailClaim.email.does_not_exist())
