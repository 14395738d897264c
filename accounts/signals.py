"""What happens beside a sign-in."""

import logging
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts import personal_data
from accounts.errors import StaleUser, StoreUnavailable
from accounts.models import UNVERSIONED, User
from accounts.paging import forget_pages

logger = logging.getLogger(__name__)


def note_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    """Record when the user last signed in. A right password stays right when this cannot be written."""
    user.last_login = timezone.now()
    try:
        user.save(update_fields=["last_login"])
    except (StoreUnavailable, StaleUser):
        logger.warning("the time of a sign-in was not recorded", extra={"user": user.username})


def erase_the_rest(sender: Any, instance: User, **kwargs: Any) -> None:
    """Erase once more what the deleted user owned: something may have been saved while the deletion was under way."""
    try:
        personal_data.erase_all(instance.uid)
    except StoreUnavailable:
        logger.warning("what a deleted user saved last may be left", extra={"user": instance.username})


def note_change(sender: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
    if update_fields is None or set(update_fields) - UNVERSIONED:
        forget_pages()
