"""Deeds of the knowledge base."""

from opora.knowledge.actions.feedback import count_self_help, give_feedback
from opora.knowledge.actions.loading import ArticlesReport, load_articles, load_demo_articles
from opora.knowledge.actions.writing import (
    change_article,
    create_article,
    publish_edition,
    return_to_author,
    save_edition,
    send_for_review,
    start_edition,
    withdraw_edition,
)

__all__ = [
    "ArticlesReport",
    "change_article",
    "count_self_help",
    "create_article",
    "give_feedback",
    "load_articles",
    "load_demo_articles",
    "publish_edition",
    "return_to_author",
    "save_edition",
    "send_for_review",
    "start_edition",
    "withdraw_edition",
]
