"""`python -m stockcompare.up`: start everything, print where it is, stop everything on Ctrl-C."""

import os
import sys
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from stockcompare.up.dynamodb import DynamoDBRefused
from stockcompare.up.instance import AlreadyRunning, single_instance
from stockcompare.up.leash import Leash
from stockcompare.up.plan import Up
from stockcompare.up.ports import NoFreePort
from stockcompare.up.preparation import PreparationFailed
from stockcompare.up.screen import stamped
from stockcompare.up.service import ServiceFailed
from stockcompare.up.supervisor import StopRequested, StopSignals, watch


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the terminal is this program's screen


def say_stamped(text: str) -> None:
    say(stamped(datetime.now().astimezone(), text))


def run() -> int:
    from django.conf import settings

    with single_instance(settings.VAR_DIR / "run/up.lock") as instance, StopSignals() as signals, Leash() as leash:
        up = Up(settings=settings, environment=os.environ, leash=leash, pause=signals.pause, say=say)
        try:
            up.start()
            instance.describe(address=up.address)
            say(up.summary())
            watch(up.services, say=say_stamped, pause=signals.pause)
        except StopRequested:
            say("\nStopping …")
        finally:
            up.stop()
            if forgotten := up.credentials_not_shown():
                say(forgotten)
    say("Stopped; users, prices and settings are kept.")
    return 0


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stockcompare.settings")
    try:
        return run()
    except (
        AlreadyRunning,
        DynamoDBRefused,
        ImproperlyConfigured,
        NoFreePort,
        PreparationFailed,
        ServiceFailed,
    ) as error:
        print(error, file=sys.stderr)  # noqa: T201  # the terminal is this program's screen
        return 1


if __name__ == "__main__":
    sys.exit(main())
