"""Asking Alpaca: the key pair in headers, each page through the gate."""

from collections.abc import Mapping

from market.providers.alpaca.replies import classify, classify_facts, refusal
from market.providers.gate import Gate, OpenGate
from market.providers.http.client import Door, HttpReply
from market.providers.pages import Classify, RawRequest


class Client:
    """Asks with one key pair, which is in no address."""

    def __init__(self, url: str, key_id: str, secret: str, gate: Gate | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"APCA-API-KEY-ID": key_id, "APCA-API-SECRET-KEY": secret}
        self._gate = gate or OpenGate()
        self._door = Door([key_id, secret], refusal, lambda body: body.startswith(b'{"bars":[{"'))

    def get_page(self, symbol: str, month: str, query: Mapping[str, str]) -> HttpReply:
        """Return one page of bars, good or bad. Raises what `market.providers.http.client` and the gate raise."""
        return self._get("bars", symbol, month, f"/v2/stocks/{symbol}/bars", query, classify)

    def get_facts(self, asked: RawRequest, function: str, query: Mapping[str, str]) -> HttpReply:
        """Return one page of what is no bars, from the path that is asked for; raises the same."""
        return self._get(function, asked.symbol, str(asked.month), asked.request["path"], query, classify_facts)

    def _get(
        self, function: str, symbol: str, month: str, path: str, query: Mapping[str, str], kind: Classify
    ) -> HttpReply:
        with self._gate.request(function, symbol, month) as attempt:
            reply = self._door.get(f"{self._url}{path}", query, self._headers)
            attempt.settle(kind(reply.status, reply.content_type, reply.body), len(reply.body), reply.retry_after)
            return reply
