"""Sign in, stay signed in and sign out, for the charts and for programs."""

import time
from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import audit, sessions, tokens
from accounts.api.errors import Locked
from accounts.api.origin import NotFromAnotherSite, SentByScript
from accounts.api.serializers import AccessSerializer, CredentialsSerializer, ProblemSerializer
from accounts.authentication import bearer_of
from accounts.models import User
from accounts.sessions import Grant, SignInEnded
from accounts.tokens import TokenInvalid

PROBLEM = {
    401: OpenApiResponse(ProblemSerializer, "Not signed in."),
    403: OpenApiResponse(ProblemSerializer, "Sent from another site, or without the header."),
    503: OpenApiResponse(ProblemSerializer, "Accounts cannot be reached; see `Retry-After`."),
}
HEADER = OpenApiParameter(
    "X-Requested-With", str, OpenApiParameter.HEADER, required=True, description="Any value, such as `fetch`."
)


class SignInView(APIView):
    """Base of the views that no bearer token guards; their 401 still names the scheme."""

    authentication_classes: Any = ()

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenView(SignInView):
    permission_classes = (NotFromAnotherSite,)

    @extend_schema(
        summary="Sign in",
        description="Returns an access token and sets the refresh cookie.",
        request=CredentialsSerializer,
        responses={
            200: AccessSerializer,
            **PROBLEM,
            429: OpenApiResponse(ProblemSerializer, "Too many attempts; see `Retry-After`."),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request._request, **credentials.validated_data)
        if wait := getattr(request._request, "sign_in_retry_after", 0):
            raise Locked(wait)
        if not isinstance(user, User):
            raise AuthenticationFailed("The name or the password is wrong.", "wrong_credentials")
        audit.actor.set(user.username)
        return granted(sessions.begin(request._request, user, now=int(time.time())))


class RefreshView(SignInView):
    permission_classes = (SentByScript,)

    @extend_schema(
        summary="Stay signed in",
        description=(
            "Exchanges the refresh cookie for a new access token and a new cookie. A cookie works once; for 20 s more "
            "it yields the same successor, for tabs that refresh in the same moment. Used later, it ends the sign-in."
        ),
        request=None,
        parameters=[HEADER],
        responses={200: AccessSerializer, **PROBLEM},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        text = sessions.cookie_of(request._request)
        if not text:
            raise AuthenticationFailed("You are not signed in.", "not_authenticated")
        try:
            return granted(sessions.refresh(text, now=int(time.time())))
        except (TokenInvalid, SignInEnded):
            ended = {"detail": "This sign-in has ended. Sign in again.", "code": "sign_in_ended"}
            response = Response(ended, status=401, headers={"WWW-Authenticate": self.get_authenticate_header(request)})
            sessions.clear_cookie(response)
            return response


class LogoutView(SignInView):
    permission_classes = (SentByScript,)

    @extend_schema(
        summary="Sign out",
        description="Ends the sign-in of the cookie or of the bearer token: none of its tokens works any more.",
        request=None,
        parameters=[HEADER],
        responses={204: None, 403: PROBLEM[403], 503: PROBLEM[503]},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        sessions.finish(request._request, bearer=bearer_of(request._request))
        response = Response(status=204)
        sessions.clear_cookie(response)
        return response


def granted(grant: Grant, *, status: int = 200) -> Response:
    body = {"access": grant.access, "expires_in": tokens.ACCESS_SECONDS}
    response = Response(body, status=status, headers={"Cache-Control": "no-store"})
    sessions.set_cookie(response, grant)
    return response
