"""Shapes of the sign-in API."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.roles import Role


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=254, help_text="User name or e-mail address, in any case of letters.")
    password = serializers.CharField(max_length=1024, trim_whitespace=False, write_only=True)


class AccessSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`. Keep it in memory only.")
    expires_in = serializers.IntegerField(help_text="Seconds from now.")


class ProblemSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A word for programs.")


class MeSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(help_text="The full name, or the user name where there is none.")
    role = serializers.ChoiceField(choices=Role.choices)
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("username", "name", "first_name", "last_name", "email", "role", "is_staff", "permissions")

    def get_permissions(self, user: User) -> list[str]:
        return sorted(perm for perm in user.get_all_permissions() if perm.startswith("analytics."))
