from django.apps import AppConfig
from django.conf import settings

from market.calendar import state_closures


class MarketConfig(AppConfig):
    name = "market"
    verbose_name = "Market data"

    def ready(self) -> None:
        state_closures(settings.MARKET_CLOSURES)
