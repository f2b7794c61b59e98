"""Logs: one JSON object a line on standard error, with the request's id; secrets never.

Libraries log through `logging`, our code through `structlog`; both leave by one handler.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET = re.compile(r"secret|password|token|authorization|cookie|access_id|api_key", re.IGNORECASE)
# What looks like a credential inside a sentence: a bearer token, a password in an address.
IN_TEXT = re.compile(r"(?i)(bearer\s+)\S+|(://[^/\s:@]*:)[^@\s]+(@)")


def configure(level: int = logging.INFO) -> None:
    """Once a process, from the command line or the web application."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow={"status_code"}), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)


def without_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop what is named like a secret and blank what looks like one (OP-04)."""
    for name, value in event.items():
        if SECRET.search(name):
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = IN_TEXT.sub(r"\1\2…\3", value)
    return event
