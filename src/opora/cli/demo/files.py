"""Files on the demo's newest requests: a log to read and a picture drawn for it."""

from __future__ import annotations

import struct
import zlib
from random import Random

from opora.accounts.models import Account
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case
from opora.cli.demo.people import People

CASES_EACH = 3
WIDTH, HEIGHT = 640, 360
PAPER, GRID, BAR, PEAK = (250, 251, 252), (222, 226, 231), (11, 92, 173), (193, 53, 43)
LOG = """{day} 02:00:01 INFO  nightly job started
{day} 02:00:04 INFO  4 of 18 volumes read
{day} 02:01:37 WARN  volume 5 answers slowly: 8,412 ms
{day} 02:03:11 ERROR volume 5: the request was aborted, 0x80070005
{day} 02:03:11 INFO  rolled back; nothing was changed
"""


def build(random: Random, people: People) -> None:
    """Put them on the newest open requests that the two customers who sign in can read."""
    cases = {
        case.pk: case for account in (people.personal, people.work) for case in _newest(account)
    }
    for case in cases.values():
        day = f"{case.submitted_at:%Y-%m-%d}"
        _attach(case, "nightly-job.log", LOG.format(day=day).encode())
        _attach(case, f"load-{day}.png", _chart(random))


def _newest(account: Account) -> list[Case]:
    rows = Case.objects.filter(readers__account=account).exclude(status=Case.Status.CLOSED)
    return list(rows.select_related("submitted_by").order_by("-last_activity_at")[:CASES_EACH])


def _attach(case: Case, name: str, content: bytes) -> None:
    file = receive_file(
        account=case.submitted_by, chunks=[content], name=name, now=case.submitted_at
    )
    Attachment.objects.filter(pk=file.pk).update(case=case)


def _chart(random: Random) -> bytes:
    """Bars of a busy night, as a PNG."""
    heights = [random.randint(30, 170) for _ in range(24)]
    heights[random.randint(8, 18)] = 310
    rows = []
    for y in range(HEIGHT):
        left = HEIGHT - 24 - y
        row = bytearray()
        for x in range(WIDTH):
            bar, inside = divmod(x - 20, 25)
            height = heights[bar] if 0 <= bar < 24 and 0 <= inside < 18 else 0
            if 0 < left <= height:
                row += bytes(PEAK if height > 300 else BAR)
            else:
                row += bytes(GRID if left % 80 == 0 and left >= 0 else PAPER)
        rows.append(b"\0" + bytes(row))
    header = struct.pack("!IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _part(b"IHDR", header)
        + _part(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _part(b"IEND", b"")
    )


def _part(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack("!I", len(content)) + checked + struct.pack("!I", zlib.crc32(checked))
