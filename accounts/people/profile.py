"""What a user says about themselves."""

from accounts.models import User


def rename(user: User, *, first_name: str, last_name: str) -> None:
    """Change the name shown. Raises StaleUser when the user was changed elsewhere meanwhile."""
    user.first_name, user.last_name = first_name, last_name
    user.save(update_fields=["first_name", "last_name"])
