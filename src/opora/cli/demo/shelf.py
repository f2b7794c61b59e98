"""What the demo's articles brought in the last weeks, and two that agents are writing."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from opora.cli.demo.people import AGENT, People
from opora.knowledge.actions import (
    count_self_help,
    create_article,
    give_feedback,
    load_demo_articles,
    send_for_review,
    start_edition,
)
from opora.knowledge.models import Article, Edition

RATED = 160  # answers to "Did this help?"
SOLVED = 34  # requests that were not needed
# Those that most people look for.
POPULAR = (
    "sql-server-backup-fails",
    "windows-update-fails",
    "remote-desktop-cannot-connect",
    "sql-server-log-full",
    "outlook-asks-for-password",
    "print-spooler-stops",
    "plan-is-not-offered",
)
TITLE = "Windows Server 2025 po upgradu ztratí síť"
BODY = """Po upgradu na Windows Server 2025 nemá síťová karta adresu, i když byla zadána ručně.

1. Zkontrolujte, zda má karta ovladač pro tuto verzi.
2. Nastavení staré karty odeberte ve Správci zařízení mezi skrytými zařízeními.
3. Adresu zadejte znovu a server restartujte.
"""


def build(random: Random, people: People, *, now: datetime) -> None:
    """Load the articles, then what readers and agents did with them."""
    load_demo_articles(now=now - timedelta(days=120))
    articles = {one.slug: one for one in Article.objects.all()}
    popular = [articles[slug] for slug in POPULAR]
    editions = list(
        Edition.objects.filter(article__in=popular, state=Edition.State.PUBLISHED).order_by("pk")
    )
    customers = people.customers
    for _each in range(RATED):
        edition = random.choice(editions)
        give_feedback(
            edition=edition,
            helped=random.random() < 0.8,
            by=random.choice(customers),
            network="",
            now=now - timedelta(days=random.uniform(0, 60)),
        )
    for _each in range(SOLVED):
        count_self_help(
            article=random.choice(popular),
            draft_id=UUID(int=random.getrandbits(128)),
            product=None,
            by=random.choice(customers),
            now=now - timedelta(days=random.uniform(0, 90)),
        )
    _being_written(people, articles["sql-server-log-full"], now=now)


def _being_written(people: People, known: Article, *, now: datetime) -> None:
    """One that waits for a review, one that is a draft."""
    dana = next(agent for agent in people.agents if agent.email == AGENT)
    other = next(agent for agent in people.agents if agent is not dana)
    waiting = create_article(
        language="cs",
        title=TITLE,
        body=BODY,
        audience="public",
        keywords=["síťová karta", "NIC"],
        subjects=["windows-server/windows-server-2025"],
        by=other,
        now=now - timedelta(days=2),
    )
    send_for_review(edition=waiting, by=other, now=now - timedelta(days=1))
    start_edition(article=known, language="cs", by=dana, now=now - timedelta(hours=5))
