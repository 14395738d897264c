"""Start-up of the accounts app: what Django assumes about a relational user table, taken back. No call to DynamoDB."""

from functools import partial
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import models
from django.db.models.signals import class_prepared, post_delete, post_save


def leave_out_user_constraints(sender: type[models.Model], **kwargs: Any) -> None:
    """Drop the database constraint of every foreign key to a user, in the models that migrations build.

    There is no users table to point at: PostgreSQL refuses the constraint, and SQLite accepts it and then fails at the
    first write. Real models are left alone, so `makemigrations --check` stays clean.
    """
    if sender.__module__ != "__fake__":
        return
    for field in sender._meta.local_fields:
        target: Any = field.remote_field.model if field.remote_field else ""
        name = target if isinstance(target, str) else target._meta.label
        if name.lower() == settings.AUTH_USER_MODEL.lower():
            field.db_constraint = False  # type: ignore[attr-defined]  # a foreign key has it


# Before any migration state is rendered, and for models of apps that are loaded earlier than this one is ready.
class_prepared.connect(leave_out_user_constraints)


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.admin.models import LogEntryManager
        from django.contrib.auth.signals import user_logged_in

        from accounts import checks, keys, personal_data, saved  # noqa: F401  # the checks register themselves
        from accounts.logentries import LogEntryQuerySet
        from accounts.models import User
        from accounts.signals import erase_the_rest, note_change, note_sign_in

        for kind in saved.KINDS:
            export, erase = partial(saved.export, kind=kind), partial(saved.erase, kind=kind)
            personal_data.register(kind.plural.replace(" ", "_"), export=export, erase=erase)
        personal_data.register("api_keys", export=keys.export, erase=keys.erase)
        # The query set, not the manager: the manager is part of the migrations' state.
        LogEntryManager._queryset_class = LogEntryQuerySet  # type: ignore[attr-defined]  # private: not in the stubs
        # Under the name of Django's own receiver, which would turn a sign-in into an error when the write fails:
        # whichever app is ready first, ours is the one that stays.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_sign_in, dispatch_uid="update_last_login")
        post_save.connect(note_change, sender=User, dispatch_uid="accounts.note_change")
        post_delete.connect(erase_the_rest, sender=User, dispatch_uid="accounts.erase_the_rest")
        post_delete.connect(note_change, sender=User, dispatch_uid="accounts.note_change")
