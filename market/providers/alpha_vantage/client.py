"""Asking Alpha Vantage: one address, the key in the query, each request through the gate."""

from collections.abc import Mapping

from market.providers.alpha_vantage.replies import classify, refusal
from market.providers.gate import Gate, OpenGate
from market.providers.http.client import Door, HttpReply

CSV_STARTS = (b"timestamp,", b"time,")


class Client:
    """Asks with one key; the key is sent in the query, as the vendor wants it, and shown nowhere else."""

    def __init__(self, url: str, key: str, gate: Gate | None = None) -> None:
        self._url = url
        self._secret = {"apikey": key}
        self._gate = gate or OpenGate()
        self._door = Door([key], refusal, lambda body: body.startswith(CSV_STARTS))

    def get(self, query: Mapping[str, str]) -> HttpReply:
        """Return any complete reply, whatever its status, in its turn.

        Raises RetryableError or PermanentError when none came, BudgetSpent or LedgerUnavailable when it was not sent.
        """
        with self._gate.request(query.get("function", ""), query.get("symbol", ""), query.get("month", "")) as attempt:
            reply = self._door.get(self._url, {**query, **self._secret}, {})
            kind = classify(reply.status, reply.content_type, reply.body)
            attempt.settle(kind, len(reply.body), reply.retry_after)
            return reply
