"""What people do with their own accounts, for programs: as the pages do it, by the same functions.

No view here states a `required_permission`: all are about the caller's own account, which no API key reaches.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import audit, links, sessions
from accounts.api import shapes
from accounts.api.origin import NotFromAnotherSite
from accounts.api.serializers import AccessSerializer, MeSerializer
from accounts.api.views import PROBLEM, SignInView, granted
from accounts.lockout import client_address
from accounts.models import User
from accounts.people import emails, leaving, passwords, profile, sign_ins, sign_up
from accounts.people.passwords import WrongPassword
from accounts.roles import VIEW
from accounts.tokens import Claims

MAILED = {"detail": "If the address is good for it, a mail with a link is on its way."}


class MailOff(APIException):
    status_code = 409
    default_code = "mail_not_configured"
    default_detail = "This site sends no mails. Ask an administrator."


def refuse_password(field: str, password: str, user: User | None) -> None:
    """Raise what Django's validators say against a new password, under the name of its field."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        raise ValidationError({field: error.messages}) from error


class VisitorView(SignInView):
    """What somebody who is not signed in asks for."""

    permission_classes = (NotFromAnotherSite,)

    def read(self, serializer: Any) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def context(self, request: Request) -> tuple[str, str, int]:
        """Return the client's address, where the site is, and now."""
        return client_address(request._request), links.base_of(request._request), int(time.time())


class SignUpAddressView(VisitorView):
    @extend_schema(
        summary="Ask for a sign-up",
        description="Sends the link that confirms an address. The answer is the same for one that has an account.",
        request=shapes.SignUpAddressSerializer,
        responses={202: shapes.DoneSerializer, **shapes.REFUSED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.SignUpAddressSerializer(data=request.data))
        if not settings.MAIL_CONFIGURED:
            raise MailOff
        address, base, now = self.context(request)
        invitation = values["invitation"]
        admission = sign_up.admit(invitation, now=now)
        sign_up.ask(values["email"], admission, invitation=invitation, address=address, base=base, now=now)
        return Response(MAILED, status=202)


class SignUpView(VisitorView):
    @extend_schema(
        summary="Make an account",
        description=(
            "With the token of a confirmation or an invitation, or, where no mail is configured, with none. Signs in, "
            "as `POST /api/v1/auth/token/` does."
        ),
        request=shapes.NewAccountSerializer,
        responses={201: AccessSerializer, **shapes.REFUSED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.NewAccountSerializer(data=request.data))
        address, _, now = self.context(request)
        if values["confirmation"]:
            admission = sign_up.admit_confirmed(values["confirmation"], now=now)
        else:
            admission = sign_up.admit(values["invitation"], now=now)
        owner = User(username=values["username"], email=admission.email or None)
        refuse_password("password", values["password"], owner)
        try:
            user = sign_up.create(values["username"], values["password"], admission, address=address, now=now)
        except sign_up.NameTaken as error:
            raise ValidationError({"username": ["This name cannot be had. Choose another one."]}) from error
        audit.actor.set(user.username)
        return granted(sessions.begin(request._request, user, now=now), status=201)


class ForgottenPasswordView(VisitorView):
    @extend_schema(
        summary="Ask for a new password",
        description="Sends a link, if this is the address of an account. The answer never tells.",
        request=shapes.AddressSerializer,
        responses={202: shapes.DoneSerializer, **shapes.REFUSED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.AddressSerializer(data=request.data))
        if not settings.MAIL_CONFIGURED:
            raise MailOff
        address, base, now = self.context(request)
        passwords.forgotten(values["email"], address=address, base=base, now=now)
        return Response(MAILED, status=202)


class ResetPasswordView(VisitorView):
    @extend_schema(
        summary="Set a new password",
        description="With the token of the link. Ends every sign-in of the user.",
        request=shapes.ResetSerializer,
        responses={204: None, **shapes.REFUSED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.ResetSerializer(data=request.data))
        now = int(time.time())
        user = passwords.user_of_link(values["token"], now=now)
        refuse_password("password", values["password"], user)
        passwords.reset(user, values["password"], now=now)
        return Response(status=204)


class ConfirmEmailView(VisitorView):
    @extend_schema(
        summary="Confirm a new e-mail address",
        request=shapes.TokenSerializer,
        responses={204: None, **shapes.REFUSED},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.TokenSerializer(data=request.data))
        emails.confirm(values["token"], now=int(time.time()))
        return Response(status=204)


class PersonView(APIView):
    """What somebody who is signed in asks for."""

    def read(self, serializer: Any) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def sid(self) -> str:
        return cast(Claims, self.request.auth).sid

    @contextmanager
    def password_asked(self) -> Iterator[str]:
        """Yield the client's address to what checks a password, and tell a wrong one under the name of its field."""
        try:
            yield client_address(self.request._request)
        except WrongPassword as error:
            raise ValidationError({"current_password": ["This is not your password."]}) from error


class PasswordView(PersonView):
    @extend_schema(
        summary="Change my password",
        description="Ends every sign-in of the user and begins a new one for the caller.",
        request=shapes.ChangePasswordSerializer,
        responses={200: AccessSerializer, **shapes.REFUSED},
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.ChangePasswordSerializer(data=request.data))
        refuse_password("new_password", values["new_password"], self.user)
        current, new = values["current_password"], values["new_password"]
        with self.password_asked() as address:
            passwords.change(self.user, current=current, new=new, address=address)
        return granted(sessions.begin(request._request, self.user, now=int(time.time())))


class EmailView(PersonView):
    @extend_schema(
        summary="Ask for another e-mail address",
        description="Sends the link that confirms it. The answer is the same for one that belongs to somebody else.",
        request=shapes.ChangeEmailSerializer,
        responses={202: shapes.DoneSerializer, **shapes.REFUSED},
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.ChangeEmailSerializer(data=request.data))
        if not settings.MAIL_CONFIGURED:
            raise MailOff
        if values["email"] == self.user.email:
            raise ValidationError({"email": ["This is your address already."]})
        base, now = links.base_of(request._request), int(time.time())
        with self.password_asked() as address:
            passwords.confirm(self.user, values["current_password"], address=address)
        emails.ask(self.user, values["email"], base=base, now=now)
        return Response(MAILED, status=202)


class SignInsView(PersonView):
    @extend_schema(
        summary="My sign-ins",
        responses={200: shapes.SignInsSerializer, 401: PROBLEM[401], 503: PROBLEM[503]},
    )
    def get(self, request: Request) -> Response:
        found = sign_ins.list_sign_ins(self.user, current=self.sid, now=int(time.time()))
        return Response(shapes.SignInsSerializer({"results": [asdict(sign_in) for sign_in in found]}).data)


class OneSignInView(PersonView):
    @extend_schema(
        summary="End one of my sign-ins",
        description="One that is over already is nothing to do.",
        responses={204: None, 401: PROBLEM[401], 503: PROBLEM[503]},
    )
    def delete(self, request: Request, sid: str) -> Response:
        sign_ins.end_sign_in(self.user, sid)
        return Response(status=204)


class EndOthersView(PersonView):
    @extend_schema(
        summary="End all my other sign-ins",
        request=None,
        responses={200: shapes.EndedSerializer, 401: PROBLEM[401], 503: PROBLEM[503]},
    )
    def post(self, request: Request) -> Response:
        return Response({"ended": sign_ins.end_other_sign_ins(self.user, current=self.sid)})


class ExportView(PersonView):
    @extend_schema(
        summary="My data",
        description="All that is kept about the caller, without hashes and tokens. Ten times an hour.",
        responses={200: shapes.ExportSerializer, **shapes.REFUSED},
    )
    def get(self, request: Request) -> Response:
        return Response(leaving.export(self.user, now=timezone.now()))


class DeleteView(PersonView):
    @extend_schema(
        summary="Delete my account",
        description="With all that it owns, at once and for good. Refused for the last superuser.",
        request=shapes.ConfirmSerializer,
        responses={204: None, **shapes.REFUSED},
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.ConfirmSerializer(data=request.data))
        with self.password_asked() as address:
            leaving.delete(self.user, values["current_password"], address=address)
        response = Response(status=204)
        sessions.clear_cookie(response)
        return response


class MeView(PersonView):
    required_permission: ClassVar = {"GET": VIEW, "PATCH": ""}

    @extend_schema(summary="Who I am", responses={200: MeSerializer, 401: PROBLEM[401], 503: PROBLEM[503]})
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(self.user).data)

    @extend_schema(
        summary="Change my name",
        request=shapes.NameSerializer,
        responses={200: MeSerializer, **shapes.REFUSED},
    )
    def patch(self, request: Request) -> Response:
        values = self.read(shapes.NameSerializer(data=request.data, partial=True))
        names = {"first_name": self.user.first_name, "last_name": self.user.last_name}
        profile.rename(self.user, **{**names, **values})
        return Response(MeSerializer(self.user).data)
