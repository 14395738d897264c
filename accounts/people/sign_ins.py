"""The browsers and programs that a user is signed in with: shown, ended one by one, or all but this one."""

from dataclasses import dataclass
from datetime import UTC, datetime

from accounts import audit, devices
from accounts.dynamo import families
from accounts.models import User


@dataclass(frozen=True)
class SignIn:
    """`used_at` is when its token was last exchanged: within 5 minutes of its last use of the charts."""

    sid: str
    device: str
    address: str
    began_at: datetime
    used_at: datetime
    is_current: bool


def list_sign_ins(user: User, *, current: str, now: int) -> list[SignIn]:
    """Return the live sign-ins of a user, this one first, then the last used first."""
    live = [
        SignIn(
            sid=row["sid"],
            device=devices.describe(row.get("device") or ""),
            address=row.get("address") or "",
            began_at=datetime.fromtimestamp(int(row["created_at"]), UTC),
            used_at=datetime.fromtimestamp(int(row["rotated_at"]), UTC),
            is_current=row["sid"] == current,
        )
        for row in families.list_families(user.uid)
        # Deleted late, or left over from before the password changed.
        if row["expires_at"].timestamp() > now and row["token_version"] == user.token_version
    ]
    return sorted(live, key=lambda sign_in: (sign_in.is_current, sign_in.used_at), reverse=True)


def end_sign_in(user: User, sid: str) -> None:
    """End one sign-in of this user. One that is over already, or somebody else's, is nothing to do."""
    families.delete_family(user.uid, sid)
    audit.log("sign_in_ended", user.username)


def end_other_sign_ins(user: User, *, current: str) -> int:
    """End all sign-ins of this user but the current one; return how many."""
    ended = families.delete_families(user.uid, keep=current)
    audit.log("other_sign_ins_ended", user.username, ended=ended)
    return ended
