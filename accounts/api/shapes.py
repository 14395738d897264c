"""Shapes of what people ask for and get about their own accounts."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from accounts.api.serializers import ProblemSerializer
from accounts.fields import canonical
from accounts.models import User

REFUSED = {
    400: OpenApiResponse(description="A field is wrong; its sentence stands under its name."),
    401: OpenApiResponse(ProblemSerializer, "Not signed in."),
    403: OpenApiResponse(
        ProblemSerializer, "Sent from another site, or not allowed, such as a sign-up that is closed."
    ),
    409: OpenApiResponse(ProblemSerializer, "Not in this state, such as without mail, or for the last superuser."),
    410: OpenApiResponse(ProblemSerializer, "The link was used, is too old, or something has changed since."),
    429: OpenApiResponse(ProblemSerializer, "Too many attempts; see `Retry-After`."),
    503: OpenApiResponse(ProblemSerializer, "Accounts cannot be reached; see `Retry-After`."),
}


class PasswordField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=1024, trim_whitespace=False, write_only=True, **options)


class TokenField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=4096, **options)


class CanonicalEmailField(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        return canonical(super().to_internal_value(data))


class DoneSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="A sentence for people.")


class AddressSerializer(serializers.Serializer[Any]):
    email = CanonicalEmailField(max_length=254)


class SignUpAddressSerializer(AddressSerializer):
    invitation = TokenField(required=False, default="", allow_blank=True, help_text="The token of an invitation.")


class NewAccountSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=64)
    password = PasswordField()
    confirmation = TokenField(required=False, default="", help_text="The token of the link that confirms an address.")
    invitation = TokenField(required=False, default="", help_text="The token of an invitation.")

    def validate_username(self, username: str) -> str:
        name = canonical(username)
        User._meta.get_field("username").run_validators(name)
        return name


class TokenSerializer(serializers.Serializer[Any]):
    token = TokenField(help_text="The token of the link.")


class ResetSerializer(TokenSerializer):
    password = PasswordField()


class ConfirmSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()


class ChangePasswordSerializer(ConfirmSerializer):
    new_password = PasswordField()


class ChangeEmailSerializer(ConfirmSerializer):
    email = CanonicalEmailField(max_length=254)


class NameSerializer(serializers.Serializer[Any]):
    first_name = serializers.CharField(max_length=150, allow_blank=True)
    last_name = serializers.CharField(max_length=150, allow_blank=True)


class SignInSerializer(serializers.Serializer[Any]):
    sid = serializers.CharField()
    device = serializers.CharField()
    address = serializers.CharField(help_text="Where it began; of IPv6 the network.")
    began_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(help_text="When its token was last exchanged.")
    is_current = serializers.BooleanField(help_text="Whether it is the one that asks.")


class SignInsSerializer(serializers.Serializer[Any]):
    results = SignInSerializer(many=True)


class EndedSerializer(serializers.Serializer[Any]):
    ended = serializers.IntegerField(help_text="How many were ended.")


class ExportSerializer(serializers.Serializer[Any]):
    """More keys stand beside these, one for each kind of thing that users own."""

    exported_at = serializers.DateTimeField()
    account = serializers.DictField()
    sign_ins = serializers.ListField(child=serializers.DictField())
    administration = serializers.ListField(child=serializers.DictField())
