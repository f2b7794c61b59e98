"""The supervisor behind `opora serve`: one process that owns the port and starts the others.

It forks a gunicorn master (which forks the web workers) and a background worker, all in its own
process group, starts again what crashes, and ends everything on one signal. Each child asks the
kernel to be killed when its parent dies: a supervisor killed with -9 leaves nothing behind, and
since locks, the port and leases are held by processes and not by files, it starts again without
help.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

log = structlog.get_logger("opora.server")

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
WATCHED = STOPPING | {signal.SIGCHLD}
GRACE = 15.0  # seconds from the signal to the kill
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # before a crashed child starts again
LONG_LIVED = 60.0  # seconds after which a crash counts as the first one
TRIES_BEFORE_READY = 3
SILENCE = 20  # seconds without a byte after which a request that was begun is given up (F-24)
PR_SET_PDEATHSIG = 1
# How each web worker answers many at once.
CONCURRENCY = {"worker_class": "gthread", "threads": 4, "keepalive": 5}


class ServerLog(Logger):  # type: ignore[misc]
    """The web server's own lines, through the same handler as all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for lines in (self.error_log, self.access_log):
            lines.handlers.clear()
            lines.propagate = True


@dataclass
class Child:
    """A process to keep running."""

    name: str
    work: Callable[[], int]
    pid: int = 0
    started_at: float = 0.0
    crashes: int = 0
    start_at: float = 0.0  # when it is not running


@dataclass
class Supervisor:
    children: list[Child]
    address: tuple[str, int]
    ready_line: str
    is_ready: bool = False
    ended: dict[int, int] = field(default_factory=dict)

    def run(self) -> int:
        """Until a stopping signal (0), or until it is clear that it will never answer (1)."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            while True:
                for child in self.children:
                    if not child.pid and time.monotonic() >= child.start_at:
                        self._start(child)
                caught = signal.sigtimedwait(WATCHED, 0.5 if self.is_ready else 0.1)
                if caught is not None and caught.si_signo in STOPPING:
                    log.info("server.stopping", signal=signal.Signals(caught.si_signo).name)
                    return 0
                self._reap()
                if not self.is_ready:
                    if any(child.crashes >= TRIES_BEFORE_READY for child in self.children):
                        log.error("server.gave_up")
                        return 1
                    self._announce()
        finally:
            self._stop_all()

    def _start(self, child: Child) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                die_with(parent)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
                status = child.work()
            except SystemExit as leaving:
                status = leaving.code if isinstance(leaving.code, int) else 1
            except BaseException:
                traceback.print_exc()
            finally:
                with contextlib.suppress(Exception):
                    sys.stderr.flush()
                os._exit(status)
        child.pid, child.started_at = pid, time.monotonic()

    def _reap(self) -> None:
        """Take note of children that ended and say when each starts again."""
        for child in self.children:
            if not child.pid:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            if time.monotonic() - child.started_at > LONG_LIVED:
                child.crashes = 0
            pause = min(SHORTEST_PAUSE * 2**child.crashes, LONGEST_PAUSE)
            child.crashes += 1
            child.pid, child.start_at = 0, time.monotonic() + pause
            code = os.waitstatus_to_exitcode(status)
            log.error("server.child_ended", child=child.name, status=code, again_in=pause)

    def _announce(self) -> None:
        """One line on standard output, once the health page answers."""
        connection = http.client.HTTPConnection(*self.address, timeout=2)
        try:
            connection.request("GET", "/health/live", headers={"Host": public_host()})
            if connection.getresponse().status == 200:
                self.is_ready = True
                print(self.ready_line, flush=True)
        except (OSError, http.client.HTTPException):
            pass  # not yet
        finally:
            connection.close()

    def _stop_all(self) -> None:
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGTERM)
        while time.monotonic() < deadline and any(child.pid for child in self.children):
            for child in self.children:
                if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                    child.pid = 0
            time.sleep(0.02)
        for child in self.children:
            if child.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)


def supervise(*, port: int, web_workers: int, beside: Sequence[Child] = ()) -> int:
    """Serve until stopped, with the children `beside`; the exit code."""
    host = "127.0.0.1" if is_local() else "0.0.0.0"  # noqa: S104 - a public address is served to all
    try:
        listener = _listen(host, port)
    except OSError as error:
        print(f"opora: port {port} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    supervisor = Supervisor(
        children=[
            Child("web", lambda: serve_pages(listener, web_workers)),
            Child("worker", lambda: _worker(listener)),
            *beside,
        ],
        address=("127.0.0.1", port),
        ready_line=f"ready http://localhost:{port}",
    )
    with listener:
        return supervisor.run()


def is_local() -> bool:
    return bool({"localhost", "127.0.0.1"} & set(settings.ALLOWED_HOSTS))


def public_host() -> str:
    return str(settings.ENVIRONMENT.public.netloc)


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when `parent`, which forked it, is gone."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux: gunicorn's own check remains
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket. Children of a server that was just killed may hold it for a moment."""
    patience = time.monotonic() + 5
    while True:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Every connection has it from here. A thread waits for half a request no longer.
        patience_to_read = struct.pack("ll", SILENCE, 0)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience_to_read)
        try:
            listener.bind((host, port))
            listener.listen(2048)
        except OSError:
            listener.close()
            if time.monotonic() > patience:
                raise
            time.sleep(0.2)
        else:
            return listener


def _worker(listener: socket.socket) -> int:
    from opora.cli.worker import work

    listener.close()
    return work()


def serve_pages(listener: socket.socket, workers: int) -> int:
    """gunicorn, configured here. It never returns: it leaves by SystemExit."""
    from django.db import connections

    def begin_worker(arbiter: Any, worker: Any) -> None:
        die_with(arbiter.pid)
        connections.close_all()

    options = {
        "bind": [f"fd://{listener.fileno()}"],
        "workers": workers,
        **CONCURRENCY,
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 8,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
        "control_socket_disable": True,
        # Whether a proxy's word counts is decided once, in settings (OPORA_TRUSTED_PROXIES).
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "logger_class": "opora.cli.server.ServerLog",
        "loglevel": "warning",
        "proc_name": "opora",
        "post_fork": begin_worker,
    }

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from django.utils.module_loading import import_string

            from opora.sla import calendars

            calendars.preload()  # once, before the workers fork: no request waits for it
            return import_string(settings.WSGI_APPLICATION)

    Application().run()
    return 0
