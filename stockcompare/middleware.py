"""Django's and django-csp's middlewares, where they do more than this site needs."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp builds the policy, and then sees that the answer has one: a fifth of the time of a tile."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.has_header(HEADER):
            return response
        answered: HttpResponseBase = super().process_response(request, response)
        return answered
