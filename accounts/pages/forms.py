"""Forms of the sign-in and account pages."""

from typing import Any, Self

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from accounts.fields import canonical
from accounts.models import User

PASSWORD_LENGTH = 1024


class CanonicalField(forms.CharField):
    """Text in the one spelling that names and addresses have, checked in that spelling."""

    def to_python(self, value: Any) -> str:
        return canonical(super().to_python(value) or "")


class CanonicalEmailField(CanonicalField, forms.EmailField):
    pass


def password_field(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=PASSWORD_LENGTH, strip=False, widget=widget, help_text=help_text)


def email_field(label: str) -> CanonicalEmailField:
    return CanonicalEmailField(
        label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"})
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label="User name or e-mail address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = password_field("Password", "current-password")


class AddressForm(forms.Form):
    """Where a mail goes. `token` is an invitation, where there is one."""

    token = forms.CharField(required=False, widget=forms.HiddenInput)
    email = email_field("E-mail address")


class NewPasswordForm(forms.Form):
    """A password that Django's validators accept, typed twice because nobody sees it. `user` is whose it will be."""

    token = forms.CharField(required=False, widget=forms.HiddenInput)
    password = password_field("New password", "new-password", " ".join(password_validators_help_texts()))
    password_again = password_field("New password again", "new-password")

    user: User | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("password_again")
        if password and again and password != again:
            self.add_error("password_again", "The two passwords are not the same.")
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class NewAccountForm(NewPasswordForm):
    username = CanonicalField(
        label="User name",
        max_length=64,
        help_text=User._meta.get_field("username").help_text,
        validators=User._meta.get_field("username").validators,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field("Password", "new-password", " ".join(password_validators_help_texts()))
    password_again = password_field("Password again", "new-password")
    field_order = ("token", "username", "password", "password_again")

    email = ""

    def clean(self) -> dict[str, Any]:
        self.user = User(username=self.cleaned_data.get("username", ""), email=self.email or None)
        return super().clean()


class ChangePasswordForm(NewPasswordForm):
    current = password_field("Current password", "current-password")
    field_order = ("current", "password", "password_again")


class NameForm(forms.Form):
    first_name = forms.CharField(
        label="First name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(initial={"first_name": user.first_name, "last_name": user.last_name})


class ChangeEmailForm(forms.Form):
    email = email_field("New e-mail address")
    current = password_field("Your password", "current-password")


class DeleteAccountForm(forms.Form):
    current = password_field("Your password", "current-password")


class TokenForm(forms.Form):
    """A button that uses a link: following the link alone does nothing, because programs follow links in mails."""

    token = forms.CharField(widget=forms.HiddenInput)
