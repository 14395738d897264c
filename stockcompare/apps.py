from django.apps import AppConfig


class StockCompareConfig(AppConfig):
    name = "stockcompare"
