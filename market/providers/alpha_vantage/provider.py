"""The provider `alpha_vantage`."""

import csv
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.bars.csv import BodyMalformed, BodyTorn, parse_csv
from market.calendar import FIRST_DATE, NEW_YORK, DateOutOfBounds
from market.limits import Account
from market.months import Month
from market.providers.alpha_vantage import questions
from market.providers.alpha_vantage.client import Client
from market.providers.alpha_vantage.questions import AnswerMalformed, Question
from market.providers.alpha_vantage.replies import classify, refusal
from market.providers.asking import FactQuestions
from market.providers.base import Capabilities, ParsedReply, RawReply, ReplyKind
from market.providers.labels import FoundLabel, Label, LabelContradictory, LabelUndecided, check_label, find_label

FUNCTION = "TIME_SERIES_INTRADAY"
# Names in a raw reply's `request` what was not sent: the end of the minute that the operator says stamps name.
STATED_LABEL = "stated_label"
T = TypeVar("T")


@dataclass(frozen=True)
class AlphaVantage:
    """One symbol-month per request, as traded (not adjusted), with extended hours.

    `label` is what the operator states of the stamps; without it, each reply is asked itself.
    """

    client: Client
    account: Account
    label: Label | None = None
    name: str = "alpha_vantage"
    function: str = FUNCTION
    synthetic: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_key=True,
            extended_hours=True,
            adjustment="raw",
            first_month=Month.of(FIRST_DATE),
            licence="Personal, non-commercial use unless agreed otherwise with Alpha Vantage.",
        )

    def offers(self, symbol: str, month: Month) -> bool:
        return month >= self.capabilities.first_month

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        request = {
            "function": FUNCTION,
            # The vendor writes share classes with a dash.
            "symbol": symbol.replace(".", "-"),
            "interval": "1min",
            "adjusted": "false",
            "extended_hours": "true",
            "month": str(month),
            "outputsize": "full",
            "datatype": "csv",
        }
        reply = self._get(FUNCTION, symbol, month, request, now)
        # Kept with the reply, so that it is read alike whenever the table is made again from it.
        return replace(reply, request={**request, STATED_LABEL: self.label}) if self.label else reply

    def questions_about(self, symbol: str, now: datetime) -> FactQuestions:
        return FactQuestions(questions.splits(symbol), questions.dividends(symbol), questions.daily(symbol))

    def ask(self, question: Question[T], now: datetime) -> RawReply:
        """Ask once for what is no bars; the reply is kept under the month of asking. Raises RetryableError."""
        request = {"function": question.function, **question.query}
        month = Month.of(now.astimezone(NEW_YORK).date())
        return self._get(question.function, question.subject, month, request, now)

    def answer(self, question: Question[T], reply: RawReply) -> tuple[T, ...]:
        """Return the entries of a good reply. Raises ProviderError for every other."""
        kind = classify(reply.status, reply.content_type, reply.body)
        if kind is ReplyKind.EMPTY and question.holds_no_entries(reply.body):
            return ()
        if kind is not ReplyKind.OK:
            raise refusal(kind, f"{question.function}: HTTP status {reply.status}")
        try:
            entries = question.read(reply.body)
        except AnswerMalformed as error:
            raise refusal(ReplyKind.UNKNOWN, f"{question.function}: {error}") from error
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            raise refusal(ReplyKind.UNKNOWN, f"{question.function}: an entry cannot be read") from error
        if not entries and not question.may_be_empty:
            raise refusal(ReplyKind.EMPTY, question.function)
        return entries

    def _get(self, function: str, symbol: str, month: Month, request: dict[str, str], now: datetime) -> RawReply:
        reply = self.client.get(request)
        return RawReply(
            provider=self.name,
            function=function,
            symbol=symbol,
            month=month,
            request=request,
            status=reply.status,
            content_type=reply.content_type,
            body=reply.body,
            fetched_at=now,
        )

    def parse(self, reply: RawReply) -> ParsedReply:
        kind = classify(reply.status, reply.content_type, reply.body)
        if kind is not ReplyKind.OK:
            raise refusal(kind, f"HTTP status {reply.status}" if reply.status != 200 else "")
        try:
            stamped = parse_csv(reply.body)
            if not stamped.num_rows:
                raise refusal(ReplyKind.EMPTY)
            label = _label(stamped, reply.request.get(STATED_LABEL))
            bars = _with_bar_start(stamped, label)
        except BodyTorn as error:
            raise refusal(ReplyKind.TORN, str(error)) from error
        except (LabelContradictory, LabelUndecided) as error:
            raise refusal(ReplyKind.LABEL_UNDECIDED, str(error)) from error
        except (BodyMalformed, DateOutOfBounds, pa.ArrowInvalid) as error:
            # Stamps far from our time, or in the hour that a clock change skips or repeats.
            raise refusal(ReplyKind.UNKNOWN, str(error)) from error
        return ParsedReply(bars, str(label))


def _label(stamped: pa.Table, stated: str | None) -> FoundLabel:
    stamps, volume = stamped["stamp"].to_numpy(), stamped["volume"].to_numpy()
    return check_label(Label(stated), "the operator", stamps, volume) if stated else find_label(stamps, volume)


def _with_bar_start(stamped: pa.Table, label: FoundLabel) -> pa.Table:
    """Replace the naive `stamp` by `bar_start`, the aware instant at which the minute starts."""
    late = np.timedelta64(60 if label.label is Label.END else 0, "s")
    starts: Any = pa.array(stamped["stamp"].to_numpy() - late, pa.timestamp("s"))
    aware = pc.assume_timezone(starts, str(NEW_YORK), ambiguous="raise", nonexistent="raise")
    bar_start = aware.cast(pa.timestamp("us", tz="UTC"))
    return stamped.drop_columns(["stamp"]).add_column(0, "bar_start", bar_start)
