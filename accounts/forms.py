"""The admin's forms for a user, and the rules that no form may break."""

from copy import copy
from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.people.leaving import is_last_superuser


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta:
        model = User
        fields = ("username", "email")


class UserChangeForm(DjangoUserChangeForm):  # type: ignore[type-arg]  # generic in the stubs only
    rev = forms.IntegerField(widget=forms.HiddenInput)

    # Set by the admin for each request: who is changing the user.
    actor: Any = None

    class Meta:
        model = User
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A copy, because validation writes the form's values into the instance.
        self.was = copy(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("rev") != self.was.rev:
            raise ValidationError(
                "Somebody else changed this user after you opened the form. Reload it, then make your changes again.",
                code="stale",
            )
        loses_rights = (self.was.is_superuser and cleaned.get("is_superuser") is False) or (
            self.was.is_active and cleaned.get("is_active") is False
        )
        if loses_rights and self.actor and self.actor.pk == self.was.pk:
            raise ValidationError("You cannot deactivate yourself or give up your own superuser right.", code="self")
        if loses_rights and is_last_superuser(self.was):
            raise ValidationError("This is the last active superuser. Make another one first.", code="last")
        return cleaned
