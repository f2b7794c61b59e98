"""Questions to the knowledge base."""

from opora.knowledge.queries.articles import (
    ArticlePage,
    Shelf,
    article_for,
    articles_about,
    edition_for,
    editions_of,
    figures,
    is_solved,
    products_with_articles,
    shelf,
    shelf_of,
    subjects_of,
)
from opora.knowledge.queries.diagnoses import diagnoses_for, diagnosis_for
from opora.knowledge.queries.finding import Hit, articles_found, articles_suggested

__all__ = [
    "ArticlePage",
    "Hit",
    "Shelf",
    "article_for",
    "articles_about",
    "articles_found",
    "articles_suggested",
    "diagnoses_for",
    "diagnosis_for",
    "edition_for",
    "editions_of",
    "figures",
    "is_solved",
    "products_with_articles",
    "shelf",
    "shelf_of",
    "subjects_of",
]
