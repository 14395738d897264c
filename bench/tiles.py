"""Compare the CPU of an authenticated tile with that of the same bytes served as a static file.

    python bench/tiles.py [--requests 4000] [--rounds 5]

It makes a synthetic month in a folder of its own, starts the web server on a free port as `make up` does (one worker),
sends the same number of requests to both addresses in turn over four connections that stay open, and reads the server's
CPU time from /proc. Both answers are the same stored brotli bytes; the tile's is asked for with a bearer token.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CONNECTIONS = 4
MONTH = "2026-10"
TILE = f"/api/v1/tiles/bars/AAPL/{MONTH}/"
STATIC = "/static/bench/tile.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000, help="in each round, to each address")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment, version = prepare(Path(folder))
        port = free_port()
        server = start(port, environment)
        try:
            report(server.pid, port, f"{TILE}?v={version}", arguments.requests, arguments.rounds)
        finally:
            server.terminate()
            server.wait(10)


def prepare(folder: Path) -> tuple[dict[str, str], str]:
    """Fetch a month, put the tile's bytes where static files are; return the environment and the tile's version."""
    settings = {
        "ENV_FILE": str(folder / "no.env"),
        "SECRET_KEY": "only-for-the-benchmark-" + "x" * 32,
        "VAR_DIR": str(folder),
        "LAKE_URL": f"file://{folder}/lake",
        "PRICES_PROVIDER": "synthetic",
        "DJANGO_SETTINGS_MODULE": "stockcompare.settings",
    }
    os.environ |= settings
    manage("migrate")
    manage("fetch_prices", "--symbols", "AAPL", "--months", MONTH)
    sys.path.insert(0, str(REPOSITORY))
    import django

    django.setup()
    from analytics.queries.reader import configured_reader
    from analytics.queries.tiles import TileStore

    tile = TileStore(configured_reader(), folder / "tiles").tile("bars", "AAPL", MONTH)
    static = folder / "static" / "bench"
    static.mkdir(parents=True)
    (static / "tile.json").write_bytes(tile.identity().content)
    (static / "tile.json.br").write_bytes(tile.brotli.content)
    return dict(os.environ), tile.version


def manage(*arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def access_token() -> str:
    from accounts.tokens import write_access

    return write_access(username="bench", uid="1", sid="1", token_version=0, role="viewer", now=int(time.time()))


def start(port: int, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    from stockcompare.up.plan import web_command

    server = subprocess.Popen(
        web_command("127.0.0.1", port, workers=1),
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return server
    server.terminate()
    sys.exit("The server did not start within 20 seconds.")


def report(pid: int, port: int, tile: str, requests: int, rounds: int) -> None:
    # Good for five minutes, which is longer than the rounds take.
    bearer = {"Accept-Encoding": "br", "Authorization": f"Bearer {access_token()}"}
    kinds = {"static": (STATIC, {"Accept-Encoding": "br"}), "tile": (tile, bearer)}
    for address, headers in kinds.values():
        load(port, address, headers, 400)
    sizes = {name: load(port, address, headers, CONNECTIONS) for name, (address, headers) in kinds.items()}
    if len(set(sizes.values())) != 1:
        sys.exit(f"The two answers differ in size: {sizes}.")
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, (address, headers) in kinds.items():
            before = cpu_seconds(pid)
            load(port, address, headers, requests)
            spent[name].append((cpu_seconds(pid) - before) / requests * 1000)
    medians = {name: statistics.median(each) for name, each in spent.items()}
    for name, each in spent.items():
        print(f"{name:7} {medians[name]:.3f} ms CPU a request (rounds: {', '.join(f'{one:.3f}' for one in each)})")
    print(f"{sizes['tile']:,} bytes each; a tile costs {medians['tile'] / medians['static']:.2f} times a static file")


def load(port: int, address: str, headers: dict[str, str], requests: int) -> int:
    """Send the requests over connections that stay open; return the size of an answer."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        each = requests // CONNECTIONS
        sizes = list(pool.map(lambda _: _client(port, address, headers, each), range(CONNECTIONS)))
    return sizes[0]


def _client(port: int, address: str, headers: dict[str, str], requests: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    size = 0
    for _ in range(requests):
        connection.request("GET", address, headers=headers)
        response = connection.getresponse()
        size = len(response.read())
        if response.status != 200 or response.getheader("Content-Encoding") != "br":
            sys.exit(f"{address} answered {response.status} {response.getheader('Content-Encoding')}.")
    connection.close()
    return size


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its children so far, of the user and of the system."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
