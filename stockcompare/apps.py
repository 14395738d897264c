from django.apps import AppConfig
from django.conf import settings


class StockCompareConfig(AppConfig):
    name = "stockcompare"
    verbose_name = "Jobs"

    def ready(self) -> None:
        # SQLite does not make the folder of its file.
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
