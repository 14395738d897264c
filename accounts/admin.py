"""Users in the admin site: everything Django's own admin of users does, over DynamoDB."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.dynamo.plan import UNLISTED
from accounts.errors import StaleUser
from accounts.forms import UserAddForm, UserChangeForm
from accounts.inviting import InvitesUsers
from accounts.models import User
from accounts.paging import BookmarkPaginator
from accounts.people.leaving import is_last_superuser

# Roles give permissions; a group would have no effect.
admin.site.unregister(Group)
RIGHTS = ("role", "is_staff", "is_superuser")


@admin.register(User)
class UserAdmin(InvitesUsers, DjangoUserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form = UserChangeForm
    add_form = UserAddForm
    paginator = BookmarkPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 1000
    list_display = ("username", "email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("username",)
    filter_horizontal = ()
    actions = ("activate", "deactivate", "end_sessions")
    fieldsets = (
        (None, {"fields": ("username", "password", "rev")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", *RIGHTS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "usable_password", "password1", "password2"),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    # Who may do what

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = (*self.readonly_fields, *(("username",) if obj else ()))
        # Whoever may change users could otherwise make himself a superuser.
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def _may_touch(self, request: HttpRequest, user: User | None) -> bool:
        # A new password for a superuser would be a superuser's rights.
        return bool(request.user.is_superuser) or user is None or not user.is_superuser

    # Reading

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        users: QuerySet[User] = super().get_queryset(request)
        match = request.resolver_match
        # The list shows only what the index holds, so a page of users is one query.
        return users.defer(*UNLISTED) if match and match.url_name == "accounts_user_changelist" else users

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    # Writing

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            messages.error(request, "That user name or e-mail address has just been taken. Nothing was saved.")
        except StaleUser as error:
            messages.error(request, f"{error} Nothing was saved.")
        return redirect(request.get_full_path())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List users only: log entries about them stay, and no SQL table points at them."""
        users = list(objs)
        allowed = all(self.has_delete_permission(request, user) for user in users)
        protected = [reason for user in users if (reason := self._why_kept(request, user))]
        missing = set() if allowed else {"user"}
        return [str(user) for user in users], {"users": len(users)}, missing, protected

    def _why_kept(self, request: HttpRequest, user: User) -> str:
        if user.pk == request.user.pk:
            return f"{user}: you cannot delete or deactivate yourself"
        return f"{user}: the last active superuser" if is_last_superuser(user) else ""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        if not self._why_kept(request, obj):
            obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        for user in queryset:
            self.delete_model(request, user)

    @admin.action(description="Activate selected users", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        self._change_each(request, queryset, is_active=True)

    @admin.action(description="Deactivate selected users", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        self._change_each(request, queryset, is_active=False)

    def _change_each(self, request: HttpRequest, users: "QuerySet[User]", *, is_active: bool) -> None:
        changed = 0
        for user in users:
            kept = "" if is_active else self._why_kept(request, user)
            if kept or not self._may_touch(request, user):
                messages.error(request, f"Left as it is: {kept or f'{user}, a superuser'}.")
                continue
            user.is_active = is_active
            user.save(update_fields=["is_active"])
            self.log_change(request, user, [{"changed": {"fields": ["active"]}}])
            changed += 1
        done = "activated" if is_active else "deactivated"
        messages.success(request, f"{changed} user{'s' * (changed != 1)} {done}.")

    @admin.action(description="Sign selected users out everywhere", permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        ended = 0
        for user in queryset:
            if self._may_touch(request, user):
                user.end_all_sessions()
                self.log_change(request, user, "Signed out everywhere.")
                ended += 1
        messages.success(request, f"{ended} user{'s' * (ended != 1)} signed out everywhere.")
