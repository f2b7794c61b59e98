"""The two servers side by side: Opora's web workers as `opora serve` runs them, and the least app
under the same settings of the same server."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.cluster import FOLDER, free_port


@contextmanager
def running(which: str, url: str, workers: int) -> Iterator[int]:
    """The port on which `which` ("opora" or "least") answers."""
    port = free_port()
    environment = environment_for(url) | {"OPORA_PORT": str(port)}
    with (FOLDER / f"{which}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.serving", which, str(port), str(workers)],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def environment_for(url: str) -> dict[str, str]:
    """Opora's settings for the benchmark; nothing of the operator's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPORA_")}
    return own | {
        "DJANGO_SETTINGS_MODULE": "opora.config.settings",
        "OPORA_DATABASE_URL": url,
        "OPORA_DATA_DIR": str(FOLDER / "data"),
    }


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live", headers={"Host": "localhost"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"A server did not start; see {FOLDER}")


def _serve(which: str, port: int, workers: int) -> None:
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    if which == "least":
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.least.settings"
        _serve_least(listener, workers)
        return
    import django

    django.setup()
    from opora.cli import server, statics

    statics.collect()
    server.serve_pages(listener, workers)


def _serve_least(listener: socket.socket, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    from opora.cli.server import CONCURRENCY

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options = {"bind": [f"fd://{listener.fileno()}"], "workers": workers, **CONCURRENCY}
            options |= {"preload_app": True, "loglevel": "warning", "control_socket_disable": True}
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from bench.least.wsgi import application

            return application

    Application().run()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
