"""Settings for the test suite: the real module, with an environment that touches nothing outside `tmp`."""

import os
import tempfile
from pathlib import Path

_TMP = Path(tempfile.mkdtemp(prefix="stockcompare-tests-"))

# Values that a test session must own win over the developer's environment; `.env` is not read at all.
os.environ |= {
    "ENV_FILE": str(_TMP / "no.env"),
    "SECRET_KEY": "only-for-tests-" + "x" * 32,
    "VAR_DIR": str(_TMP),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_TMP}/test.sqlite3"),
    "LAKE_URL": f"file://{_TMP}/lake",
    "LOG_FORMAT": "json",
    "DYNAMODB_TABLE_PREFIX": f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-",
}
for _name in (
    "ACCOUNTS_SIGN_UP",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "ALPACA_API_KEY_ID",
    "ALPACA_API_SECRET_KEY",
    "ALPHA_VANTAGE_API_KEY",
    "EMAIL_HOST",
    "MAIL_DELIVERY",
    "MASSIVE_API_KEY",
    "PRICES_PROVIDER",
    "PRICES_SYMBOLS",
    "SITE_URL",
    "SPARK_ENGINE",
    "STOCKCOMPARE_AWS",
):
    os.environ.pop(_name, None)

from stockcompare.settings import *  # noqa: E402, F403  # the environment must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Pages are rendered without a frontend build; the browser tests, which need one, say so themselves.
DJANGO_VITE["default"]["dev_mode"] = not (BASE_DIR / "static/build/manifest.json").exists()  # noqa: F405

# WhiteNoise warns of a folder that is not there, and warnings are errors here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
