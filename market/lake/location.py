"""Where the lake is and how each library reaches it."""

from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.storage import Storage, storages


@dataclass(frozen=True)
class Lake:
    """A folder (`file:///…`) or a bucket (`s3://bucket/prefix`) with `raw/` and `tables/` below it."""

    url: str
    storage: Storage = field(compare=False)
    storage_options: dict[str, str] = field(default_factory=dict, compare=False)

    def table_url(self, name: str) -> str:
        return f"{self.url}/tables/{name}"


def configured_lake() -> Lake:
    """Return the lake that the settings name. On S3 the credentials and region come from the AWS environment."""
    options = {}
    if settings.LAKE_URL.startswith("s3://"):
        # The library's own limits let a command wait for minutes before it says that nobody answers.
        options = {"max_retries": "5", "retry_timeout": "30s", "connect_timeout": "5s"}
        if endpoint := settings.AWS_ENDPOINT_URL_S3:
            options |= {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": str(endpoint.startswith("http://")).lower()}
    return Lake(url=settings.LAKE_URL, storage=storages["lake"], storage_options=options)
