"""Asking Massive: the key in a header, each page through the gate, and pages only from the configured host."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from market.providers.gate import Gate, OpenGate
from market.providers.http.client import Door, HttpReply
from market.providers.massive.replies import classify, classify_facts, refusal
from market.providers.pages import Classify, RawRequest

# A `next_url` may carry the key, and is a part of what is kept.
_KEY_IN_ADDRESS = re.compile(rb"([?&]api_?key=)[^\"&\s\\]+", re.IGNORECASE)


class Client:
    """Asks with one key, which is in no address that is sent, kept or told."""

    def __init__(self, url: str, key: str, gate: Gate | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._gate = gate or OpenGate()
        # A key of digits alone could be a part of a price; the vendor's keys are not.
        self._door = Door([key], refusal, lambda body: key.isdigit())

    def get_page(self, symbol: str, month: str, path: str, query: Mapping[str, str]) -> HttpReply:
        """Return one page of bars, good or bad. Raises what `market.providers.http.client` and the gate raise."""
        return self._get("aggs", symbol, month, path, query, classify)

    def get_facts(self, asked: RawRequest, function: str, path: str, query: Mapping[str, str]) -> HttpReply:
        """Return one page of what is no bars; raises the same."""
        return self._get(function, asked.symbol, str(asked.month), path, query, classify_facts)

    def _get(
        self, function: str, symbol: str, month: str, path: str, query: Mapping[str, str], kind: Classify
    ) -> HttpReply:
        with self._gate.request(function, symbol, month) as attempt:
            reply = self._door.get(f"{self._url}{path}", query, self._headers)
            body = _KEY_IN_ADDRESS.sub(rb"\1[redacted]", reply.body)
            reply = HttpReply(reply.status, reply.content_type, body, reply.retry_after)
            attempt.settle(kind(reply.status, reply.content_type, body), len(body), reply.retry_after)
            return reply


def next_page(address: object) -> tuple[str, dict[str, str]]:
    """Return path and query of a `next_url`, without its host and its key: both are ours to say.

    Raises ValueError for what is no such address: a path without a slash would become part of the host.
    """
    if not address:
        return "", {}
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    if not parts.path.startswith("/"):
        raise ValueError("no address of a page")
    query = {name: value for name, value in parse_qsl(parts.query) if name.lower().replace("_", "") != "apikey"}
    return parts.path, query
