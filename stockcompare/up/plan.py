"""What is started, in which order, and with which environment."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stockcompare.up.beside import environment_file
from stockcompare.up.dynamodb import choose_user_store, embedded_command, embedded_environment
from stockcompare.up.leash import Leash, end_groups
from stockcompare.up.ports import answers, any_free_port, choose_port, serves
from stockcompare.up.screen import box
from stockcompare.up.service import Program, Service
from stockcompare.up.supervisor import stop_all

_LOOPBACK = "127.0.0.1"
_READY_SECONDS = 30.0
_PREPARE_GRACE = 3.0


class PreparationFailed(RuntimeError):
    """`manage.py prepare` did not get through; it has said why on the terminal."""


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
        self._prepare()
        self._start_web()
        self._start(Program("worker", self._manage("qcluster"), self._environment, self._logs / "worker.log"))

    def stop(self) -> None:
        stop_all(self.services)
        environment_file(self._settings.VAR_DIR).unlink(missing_ok=True)

    def summary(self) -> str:
        settings = self._settings
        rows = [("Open", self.address), *self._credentials()]
        if settings.PRICES_PROVIDER == "synthetic":
            rows.append(("Prices", "a synthetic market; set ALPHA_VANTAGE_API_KEY in .env for the real one"))
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

    def _prepare(self) -> None:
        """Run `manage.py prepare` on this terminal; it reports a new administrator through a pipe, never a file."""
        reader, writer = os.pipe()
        process = subprocess.Popen(
            [*self._manage("prepare"), f"--report-to={writer}"],
            env={"LOG_LEVEL": "WARNING"} | self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=[writer],
            process_group=0,
        )
        os.close(writer)
        self._leash.hold(process.pid)
        try:
            while process.poll() is None:
                self._pause(0.1)
        finally:
            if process.poll() is None:
                end_groups({process.pid}, grace=_PREPARE_GRACE)
                process.wait()
            self._leash.release(process.pid)
            with os.fdopen(reader) as report:
                text = report.read()
            self._new_admin = json.loads(text) if text.strip() else None
        if process.returncode != 0:
            raise PreparationFailed("The data could not be prepared; see above. Nothing was started.")

    def _start_web(self) -> None:
        settings = self._settings
        port = choose_port(settings.WEB_HOST, settings.WEB_PORT)
        if port != settings.WEB_PORT:
            self._say(f"Port {settings.WEB_PORT} is taken; using {port}.")
        shown = "localhost" if settings.WEB_HOST in {_LOOPBACK, "0.0.0.0"} else settings.WEB_HOST  # noqa: S104
        self.address = f"http://{shown}:{port}/"
        host = _LOOPBACK if settings.WEB_HOST == "0.0.0.0" else settings.WEB_HOST  # noqa: S104
        self._start(
            Program(
                name="web",
                command=web_command(settings.WEB_HOST, port, workers=settings.WEB_WORKERS),
                environment=self._environment,
                log=self._logs / "web.log",
                ready=lambda: serves(host, port),
            )
        )

    def _start(self, program: Program) -> None:
        service = Service(program, self._leash)
        self.services.append(service)
        service.start_and_wait(seconds=_READY_SECONDS, pause=self._pause)

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self._settings.BASE_DIR / "manage.py"), *arguments]


def web_command(host: str, port: int, *, workers: int) -> list[str]:
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"],
        *["--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", "4"],
        *["--respawn-failed-workers", "--workers-kill-timeout", "3s"],
        "stockcompare.wsgi:application",
    ]
