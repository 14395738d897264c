"""The user model. Its rows live in DynamoDB and nowhere else; see docs/decisions for why it is built this way."""

import logging
import secrets
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.core.validators import RegexValidator
from django.db import NotSupportedError, models
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import audit, personal_data
from accounts.dynamo import families, store
from accounts.dynamo.queryset import DynamoQuerySet
from accounts.errors import StoreUnavailable
from accounts.fields import CanonicalCharField, CanonicalEmailField, canonical
from accounts.roles import Role

logger = logging.getLogger(__name__)

# Written by itself, a sign-in time neither needs nor moves the revision: it must not make an open form stale.
UNVERSIONED = frozenset({"last_login"})


def new_uid() -> str:
    return secrets.token_hex(8)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> DynamoQuerySet:
        return DynamoQuerySet(self.model, using=self._db)

    def db_manager(self, using: str | None = None, hints: dict[str, Any] | None = None) -> Self:
        """Return this manager: there is one DynamoDB, whatever database alias a command passes."""
        return self

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **extra: Any) -> "User":
        """Write a new user. Raises IntegrityError when the name or the e-mail address is taken."""
        if not canonical(username):
            raise ValueError("A user needs a name.")
        user = self.model(username=username, email=email, **extra)
        user.password = make_password(password)
        user.save(force_insert=True)
        return user

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "User":
        rights = {"role": Role.ADMIN, "is_staff": True, "is_superuser": True}
        return self.create_user(username, email, password, **{**rights, **extra})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def find_by_identifier(self, identifier: str) -> "User | None":
        """Return the user with this name or e-mail address, in any case of letters.

        Both ways cost the same reads whether or not the user exists, so the time of an answer does not tell.
        """
        name = canonical(identifier)
        if "@" in name:
            name = store.find_username(name) or name
        return self.filter(username=name).first()


class User(AbstractBaseUser):
    """One person. `username` is the key and never changes; `uid` tells a re-created name from the deleted one."""

    username = CanonicalCharField(
        "user name",
        primary_key=True,
        max_length=64,
        # No @: a name must never pass for somebody's e-mail address.
        validators=[RegexValidator(r"^[\w.+-]+\Z", "Use letters, digits and . + - _ only.")],
        help_text="Letters, digits and . + - _ only. Capitals make no difference, and it cannot be changed later.",
        error_messages={"unique": "A user with that name already exists."},
    )
    email = CanonicalEmailField(
        "e-mail address",
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": "A user with that e-mail address already exists."},
    )
    first_name = models.CharField("first name", max_length=150, blank=True, default="")
    last_name = models.CharField("last name", max_length=150, blank=True, default="")
    role = models.CharField(
        "role",
        max_length=16,
        choices=Role.choices,
        default=Role.VIEWER,
        help_text="Viewers look; analysts also export, save and share; administrators also manage users and schedules.",
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May open this admin site.")
    is_superuser = models.BooleanField("superuser", default=False, help_text="Has every right without being given it.")
    is_active = models.BooleanField("active", default=True, help_text="Clear this instead of deleting an account.")
    date_joined = models.DateTimeField("joined", default=timezone.now)
    uid = models.CharField(max_length=32, default=new_uid, editable=False)
    token_version = models.IntegerField(default=0, editable=False)
    # Editable, or the admin form could not carry it in a hidden field.
    rev = models.IntegerField(default=1)

    # What the API key that a request came with may do at most. None: it came without one.
    limited_to: frozenset[str] | None = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects = UserManager()

    class Meta:
        managed = False
        # A path that still reaches for SQL explains itself in its error.
        db_table = "users_live_in_dynamodb"
        base_manager_name = "objects"
        ordering: ClassVar[list[str]] = ["username"]
        verbose_name = "user"
        verbose_name_plural = "users"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loaded: dict[str, Any] = {}
        # Of the links that the next write is done for: they are used up by it, or it fails.
        self.marks: tuple[store.Mark, ...] = ()

    @property
    def id(self) -> str:
        return str(self.username)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.username

    def email_user(self, subject: str, message: str, from_email: str | None = None, **options: Any) -> None:
        from django.core.mail import send_mail

        if self.email:
            send_mail(subject, message, from_email, [self.email], **options)

    # Reading and writing

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        user = super().from_db(db, field_names, values, **options)
        user._loaded = dict(zip(field_names, values, strict=True))
        return user

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Return the user of a whole row of the users table."""
        names = [field.attname for field in cls._meta.concrete_fields]
        return cls.from_db("default", names, [row.get(name) for name in names])

    def save_base(
        self,
        raw: bool = False,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write to DynamoDB: an insert, or only what changed since the user was loaded.

        Raises IntegrityError when the name or the e-mail address is taken and StaleUser when somebody else saved or
        deleted the user meanwhile; nothing is written then.
        """
        created = self._state.adding or bool(force_insert)
        signal = {"sender": type(self), "instance": self, "raw": raw, "using": using, "update_fields": update_fields}
        pre_save.send(**signal)
        values = {field.attname: field.pre_save(self, created) for field in self._fields_to_write(update_fields)}
        changed = self._insert(values) if created else self._update(values)
        self._state.adding, self._state.db = False, using or "default"
        if created:
            audit.log("user_created", self.username, role=self.role)
        elif changed.keys() - UNVERSIONED:
            audit.log("user_changed", self.username, fields=sorted(changed))
        post_save.send(**signal, created=created)

    def _fields_to_write(self, update_fields: Iterable[str] | None) -> "list[models.Field[Any, Any]]":
        deferred = self.get_deferred_fields()
        wanted = None if update_fields is None else set(update_fields)
        return [
            field
            for field in self._meta.concrete_fields
            if field.attname not in deferred and (wanted is None or {field.name, field.attname} & wanted)
        ]

    def _insert(self, values: dict[str, Any]) -> dict[str, Any]:
        store.insert_user({name: value for name, value in values.items() if value is not None}, self.marks)
        self._loaded = dict(values)
        return values

    def _update(self, values: dict[str, Any]) -> dict[str, Any]:
        loaded = self._loaded
        if self.username != loaded["username"]:
            raise NotSupportedError("A user's name is its key in DynamoDB and cannot be changed. Create another user.")
        ours = {"username", "uid", "rev"}
        changes = {k: v for k, v in values.items() if k not in ours and (k not in loaded or loaded[k] != v)}
        if not changes:
            return {}
        if "password" in changes or changes.get("is_active") is False:
            changes["token_version"] = self.token_version = self.token_version + 1
        unversioned = changes.keys() <= UNVERSIONED
        email_was = loaded["email"] if "email" in loaded else self._stored_email() if "email" in changes else None
        rev = None if unversioned else loaded["rev"]
        store.update_user(self.username, self.uid, changes, rev=rev, email_was=email_was, marks=self.marks)
        if not unversioned:
            self.rev = loaded["rev"] + 1
        self._loaded = {**loaded, **changes, "rev": self.rev}
        if "token_version" in changes:
            self._forget_sign_ins()
        return changes

    def _forget_sign_ins(self) -> None:
        # They are worthless already: the version moved, or the user is gone. This only tidies up.
        try:
            families.delete_families(self.uid)
        except StoreUnavailable:
            logger.warning("sign-ins of a changed user were left to expire", extra={"user": self.username})

    def _stored_email(self) -> str | None:
        row = store.get_user(self.username)
        return row.get("email") if row else None

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Remove what the user owns, the user, its e-mail claim and its sign-ins. Log entries naming it stay."""
        signal = {"sender": type(self), "instance": self, "using": using or "default", "origin": self}
        pre_delete.send(**signal)
        # First, so that a fault leaves a user who can be deleted again, and not things that nobody owns.
        personal_data.erase_all(self.uid)
        deleted = store.delete_user(self.username, self.uid)
        if deleted:
            audit.log("user_deleted", self.username)
            self._forget_sign_ins()
        post_delete.send(**signal)
        return (1, {self._meta.label: 1}) if deleted else (0, {})

    # Passwords and sessions

    def check_password(self, raw_password: str | None) -> bool:
        return check_password(raw_password, self.password, self._upgrade_password)

    def _upgrade_password(self, raw_password: str) -> None:
        # Conditional on the hash that was checked: a password changed in this very moment must stand.
        upgraded = make_password(raw_password)
        if store.upgrade_password(self.username, self.uid, old=self.password, new=upgraded):
            self.password = self._loaded["password"] = upgraded
            audit.log("hash_upgraded", self.username)

    def end_all_sessions(self) -> None:
        """Make every access token, refresh token and admin session of this user worthless at once."""
        self.token_version += 1
        self.save(update_fields=["token_version"])

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        # The version moves with every change of password, but not when only the hash of the same password does.
        salt = "accounts.models.User.get_session_auth_hash"
        value = f"{self.uid}:{self.token_version}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    # Permissions, by role: see accounts.roles

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        found = {perm for backend in get_backends() for perm in backend.get_all_permissions(self, obj)}
        return found if self.limited_to is None else found & self.limited_to

    get_user_permissions = get_all_permissions

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        has_all = self.is_superuser and self.limited_to is None
        return self.is_active and (has_all or perm in self.get_all_permissions(obj))

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        apps = {perm.partition(".")[0] for perm in self.get_all_permissions()}
        has_all = self.is_superuser and self.limited_to is None
        return self.is_active and (has_all or app_label in apps)
