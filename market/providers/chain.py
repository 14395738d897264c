"""Several providers in the order in which they are asked; the next one is asked where one cannot have the bars."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from market.limits import Account
from market.months import Month
from market.providers.base import Capabilities, ParsedReply, Provider, RawReply


@dataclass(frozen=True)
class Chain:
    """Real providers by preference. Planning sees one provider; `market.ingest.failover` asks the members."""

    members: tuple[Provider, ...]

    @property
    def name(self) -> str:
        return ",".join(member.name for member in self.members)

    @property
    def function(self) -> str:
        return self.members[0].function

    @property
    def synthetic(self) -> bool:
        return False

    @property
    def capabilities(self) -> Capabilities:
        """Those of the first, who is asked for most, and back to where any of them begins."""
        first_month = min(member.capabilities.first_month for member in self.members)
        return replace(self.members[0].capabilities, first_month=first_month)

    @property
    def account(self) -> Account | None:
        return self.members[0].account

    def offers(self, symbol: str, month: Month) -> bool:
        return any(member.offers(symbol, month) for member in self.members)

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        """Ask the first that offers the cell, and nobody after it."""
        member = next(member for member in self.members if member.offers(symbol, month))
        return member.fetch_month(symbol, month, now)

    def parse(self, reply: RawReply) -> ParsedReply:
        return next(member for member in self.members if member.name == reply.provider).parse(reply)


def members_of(provider: Provider) -> Sequence[Provider]:
    """Return the providers that are asked in turn; one that is no chain is its only member."""
    return provider.members if isinstance(provider, Chain) else (provider,)
