"""Loopback ports: choosing a free one and waiting until something listens on it."""

import http.client
import socket
import time
from collections.abc import Callable
from http import HTTPStatus

_ANY_FREE = 0


class NoFreePort(OSError):
    """Neither the wanted port nor the ones after it are free."""


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port that only lingers from a stopped server counts as free, as it does for the server itself.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(host: str, wanted: int, *, tries: int = 50) -> int:
    """Return the first free port from `wanted` upwards. Raises NoFreePort."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        if is_free(host, port):
            return port
    raise NoFreePort(f"No free port from {wanted} to {wanted + tries - 1} on {host}. Set WEB_PORT to one that is free.")


def any_free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, _ANY_FREE))
        port: int = probe.getsockname()[1]
        return port


def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def serves(host: str, port: int) -> bool:
    """Tell whether a page comes back: the port listens before the application behind it is loaded."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/sign-in/")
        return connection.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(
    condition: Callable[[], bool], *, seconds: float, pause: Callable[[float], None] = time.sleep, every: float = 0.1
) -> bool:
    """Tell whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause(every)
    return True
