"""What is started, in which order, and with which environment."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stockcompare.up.beside import environment_file
from stockcompare.up.dynamodb import choose_user_store, embedded_command, embedded_environment
from stockcompare.up.leash import Leash
from stockcompare.up.ports import answers, any_free_port, choose_port, serves
from stockcompare.up.preparation import Preparation
from stockcompare.up.screen import box
from stockcompare.up.service import Program, Service
from stockcompare.up.supervisor import stop_all

_LOOPBACK = "127.0.0.1"
_READY_SECONDS = 60.0


class Up:
    """One run of `make up`. `services` are in start order, the database first."""

    def __init__(
        self,
        *,
        settings: Any,
        environment: Mapping[str, str],
        leash: Leash,
        pause: Callable[[float], None],
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._environment = dict(environment) | {"PYTHONUNBUFFERED": "1"}
        self._leash = leash
        self._pause = pause
        self._say = say
        self._logs: Path = settings.VAR_DIR / "log"
        self._new_admin: dict[str, str] | None = None
        self._admin_shown = False
        self.services: list[Service] = []
        self.address = ""

    def start(self) -> None:
        """Bring everything up. Raises what the modules of this package raise, with a sentence for a person."""
        store = choose_user_store(
            self._environment,
            aws=self._settings.STOCKCOMPARE_AWS,
            endpoint=self._settings.AWS_ENDPOINT_URL_DYNAMODB,
            lake_url=self._settings.LAKE_URL,
        )
        if store.embedded:
            self._start_database()
        self._remember_environment()
        preparation = Preparation(self._manage("prepare"), self._environment, self._leash)
        try:
            preparation.wait_for_base(self._pause)
            web = self._start_web()
            preparation.wait_for_prices(self._pause)
        finally:
            preparation.close()
            self._new_admin = preparation.new_admin
        web.wait_until_ready(seconds=_READY_SECONDS, pause=self._pause)
        self._start_worker()

    def stop(self) -> None:
        stop_all(self.services)
        environment_file(self._settings.VAR_DIR).unlink(missing_ok=True)

    def summary(self) -> str:
        settings = self._settings
        rows = [("Open", self.address), *self._credentials()]
        if settings.PRICES_PROVIDER == "synthetic":
            rows.append(("Prices", "a synthetic market; set a key of Alpaca in .env for the real one"))
        else:
            rows.append(("Prices", f"{settings.PRICES_PROVIDER}, {' '.join(settings.PRICES_SYMBOLS)}"))
        rows += [("Data", str(settings.VAR_DIR)), ("Logs", str(self._logs)), ("Stop", "Ctrl-C")]
        return f"\n{box('StockCompare', rows)}\n"

    def credentials_not_shown(self) -> str:
        """Return the new administrator's line when no summary has shown it, for a start that was broken off."""
        return "" if self._admin_shown else "\n".join(f"{label}: {value}" for label, value in self._credentials())

    def _credentials(self) -> list[tuple[str, str]]:
        if self._new_admin is None:
            return []
        self._admin_shown = True
        return [
            ("User", self._new_admin["username"]),
            ("Password", f"{self._new_admin['password']}  (shown once: keep it)"),
        ]

    def _start_database(self) -> None:
        port = any_free_port(_LOOPBACK)
        database = self._settings.VAR_DIR / "dynamodb/users.db"
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._environment = embedded_environment(self._environment, port=port)
        self._start(
            Program(
                name="database",
                command=embedded_command(self._settings.BASE_DIR, port=port, database=database),
                environment=self._environment,
                log=self._logs / "database.log",
                ready=lambda: answers(_LOOPBACK, port),
                grace=3.0,
            )
        )

    def _remember_environment(self) -> None:
        """Let `make manage` in a second terminal reach the same database; nothing secret is in it."""
        names = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"]
        embedded = any(service.program.name == "database" for service in self.services)
        lines = [f"{name}={self._environment[name]}" for name in names] if embedded else []
        environment_file(self._settings.VAR_DIR).write_text("\n".join(lines))

    def _start_web(self) -> Service:
        settings = self._settings
        port = choose_port(settings.WEB_HOST, settings.WEB_PORT)
        if port != settings.WEB_PORT:
            self._say(f"Port {settings.WEB_PORT} is taken; using {port}.")
        shown = "localhost" if settings.WEB_HOST in {_LOOPBACK, "0.0.0.0"} else settings.WEB_HOST  # noqa: S104
        self.address = f"http://{shown}:{port}/"
        host = _LOOPBACK if settings.WEB_HOST == "0.0.0.0" else settings.WEB_HOST  # noqa: S104
        web = Service(
            Program(
                name="web",
                command=web_command(settings.WEB_HOST, port, workers=settings.WEB_WORKERS),
                environment=self._environment,
                log=self._logs / "web.log",
                ready=lambda: serves(host, port),
            ),
            self._leash,
        )
        self.services.append(web)
        web.start()
        return web

    def _start_worker(self) -> None:
        self._start(
            Program(
                name="worker",
                command=self._manage("qcluster"),
                environment=self._environment,
                log=self._logs / "worker.log",
                pulse=self._settings.WORKER_PULSE,
            )
        )

    def _start(self, program: Program) -> None:
        service = Service(program, self._leash)
        self.services.append(service)
        service.start()
        service.wait_until_ready(seconds=_READY_SECONDS, pause=self._pause)

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self._settings.BASE_DIR / "manage.py"), *arguments]


def web_command(host: str, port: int, *, workers: int) -> list[str]:
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"],
        *["--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", "4"],
        *["--respawn-failed-workers", "--workers-kill-timeout", "3s"],
        "stockcompare.wsgi:application",
    ]
