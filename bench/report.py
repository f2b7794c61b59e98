"""The table of a run, and whether it reaches what is to be reached."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.flows import TARGETS
from bench.run import Measured, Plan

MOST_GROWTH = 1.3
AT = 8  # clients, where the targets are set


def as_json(plan: Plan, measured: Measured, at: datetime) -> dict[str, Any]:
    return {
        "at": at.isoformat(timespec="seconds"),
        "machine": machine(),
        "sizes": plan.sizes,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "workers": plan.workers,
        "statements": [
            {"flow": flow, "subject": subject, "statements": count}
            for (flow, subject), count in measured.statements.items()
        ],
        "figures": [
            {
                "cases": size,
                "flow": flow,
                "clients": clients,
                "subject": subject,
                "per_second": round(figures.per_second, 2),
                "median_ms": round(figures.median * 1000, 3),
                "percentile_95_ms": round(figures.percentile_95 * 1000, 3),
                "flows": len(figures.seconds),
            }
            for (size, flow, clients, subject), figures in measured.figures.items()
        ],
    }


def table(plan: Plan, measured: Measured) -> str:
    """Markdown: one table a size and number of clients, and one of growth."""
    parts = []
    for size in plan.sizes:
        for clients in sorted({key[2] for key in measured.figures}):
            parts.append(f"**{size:,} cases, {clients} client{'s' * (clients > 1)}**\n")
            parts += _rows(plan, measured, size, clients)
            parts.append("")
    if len(plan.sizes) > 1:
        parts.append(
            f"**Growth: Opora's median at {plan.sizes[-1]:,} by that at {plan.sizes[0]:,}**\n"
        )
        parts += _growth(plan, measured)
    return "\n".join(parts)


def _rows(plan: Plan, measured: Measured, size: int, clients: int) -> Iterator[str]:
    yield (
        "| flow | statements | flows/s | median ms | 95 % ms | least app: flows/s | ratio "
        "| SQL alone: flows/s | ratio |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for flow in plan.flows:
        opora, least, sql = (
            measured.figures[size, flow, clients, subject] for subject in ("opora", "least", "sql")
        )
        ratio = opora.per_second / least.per_second
        mark = ""
        if clients == AT:
            mark = " ✓" if ratio >= TARGETS[flow] else f" (to reach: {TARGETS[flow]})"
        yield (
            f"| {flow} | {measured.statements[flow, 'opora']} "
            f"({measured.statements[flow, 'least']}) | {opora.per_second:.0f} "
            f"| {opora.median * 1000:.1f} | {opora.percentile_95 * 1000:.1f} "
            f"| {least.per_second:.0f} | {ratio:.2f}{mark} | {sql.per_second:,.0f} "
            f"| {opora.per_second / sql.per_second:.3f} |"
        )


def _growth(plan: Plan, measured: Measured) -> Iterator[str]:
    clients = sorted({key[2] for key in measured.figures})
    yield "| flow | " + " | ".join(f"{n} client{'s' * (n > 1)}" for n in clients) + " |"
    yield "| --- |" + " --- |" * len(clients)
    for flow in plan.flows:
        cells = []
        for number in clients:
            small, large = (
                measured.figures[size, flow, number, "opora"].median
                for size in (plan.sizes[0], plan.sizes[-1])
            )
            growth = large / small
            mark = " ✓" if growth <= MOST_GROWTH else f" (to reach: {MOST_GROWTH})"
            cells.append(f"{growth:.2f}{mark}")
        yield f"| {flow} | " + " | ".join(cells) + " |"


def machine() -> str:
    """`2 × Some processor, Linux 6.1, Python 3.11.7`."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.partition(":")[2].strip() for line in cpus.splitlines() if "model name" in line]
    model = names[0] if names else platform.machine()
    python = platform.python_version()
    return f"{len(names) or 1} × {model}, Linux {platform.release()}, Python {python}"
