"""A file of articles and diagnoses: its shape, checked whole before anything is loaded.

    {"version": 1,
     "articles": [{"id", "audience"?, "products"?: [slug | {"product", "version"}], "keywords"?,
                   "texts": {"cs"?: {"title", "body"}, "en"?: …}}],
     "diagnoses": [{"id", "audience"?, "product"?, "title", "about", "start", "steps": {ID: STEP}}]}

    STEP: {"question", "hint"?, "answers": [{"id", "label", "next"}], "unknown"}
        | {"text", "article"?}

docs/how-to/write-articles.md describes it for those who write one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from opora.knowledge.diagnosis import UNKNOWN, Guide, faults
from opora.knowledge.errors import BadArticles

LONGEST_TITLE = 200
LONGEST_BODY = 50_000

Id = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100, strict=True)
]
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE, pattern=r"^[^\x00-\x1f]*$"
    ),
]
Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_BODY, pattern=r"^[^\x00]*$"
    ),
]
WhoReads = Literal["public", "signed_in", "agents"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Words(_Part):
    cs: Line
    en: Line


class TextPart(_Part):
    title: Line
    body: Text


class SubjectPart(_Part):
    product: Id
    version: Id | None = None


class TextsPart(_Part):
    cs: TextPart | None = None
    en: TextPart | None = None

    def by_language(self) -> dict[str, TextPart]:
        return {code: text for code, text in (("cs", self.cs), ("en", self.en)) if text}


class ArticlePart(_Part):
    id: Id
    audience: WhoReads = "public"
    products: list[Id | SubjectPart] = []
    keywords: Annotated[list[Line], Field(max_length=50)] = []
    texts: TextsPart

    def subjects(self) -> list[SubjectPart]:
        return [SubjectPart(product=one) if isinstance(one, str) else one for one in self.products]


class _AnswerPart(_Part):
    id: Id
    label: _Words
    next: Id


class _QuestionPart(_Part):
    question: _Words
    hint: _Words | None = None
    answers: Annotated[list[_AnswerPart], Field(min_length=1, max_length=12)]
    unknown: Id


class _ConclusionPart(_Part):
    text: _Words
    article: Id | None = None


class DiagnosisPart(_Part):
    id: Id
    audience: WhoReads = "public"
    product: Id | None = None
    title: _Words
    about: _Words
    start: Id
    steps: Annotated[dict[Id, _QuestionPart | _ConclusionPart], Field(min_length=1, max_length=200)]

    def stored(self) -> dict[str, Any]:
        """What `Diagnosis.document` keeps."""
        return self.model_dump(
            include={"title", "about", "start", "steps"}, exclude_none=True, mode="json"
        )

    def articles(self) -> list[tuple[str, str]]:
        """(step, article) of every conclusion that has one."""
        return [
            (name, step.article)
            for name, step in self.steps.items()
            if isinstance(step, _ConclusionPart) and step.article
        ]


class FilePart(_Part):
    version: Literal[1]
    articles: list[ArticlePart] = []
    diagnoses: list[DiagnosisPart] = []


def read_articles(document: Any) -> FilePart:
    """The rows of a parsed file. Raises BadArticles naming every fault by JSON pointer."""
    try:
        file = FilePart.model_validate(document)
    except ValidationError as error:
        raise BadArticles(
            errors=[
                {"field": pointer(fault["loc"]), "message": _sentence(fault)}
                for fault in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    errors = [
        *_twins("articles", (one.id for one in file.articles)),
        *_twins("diagnoses", (one.id for one in file.diagnoses)),
        *(error for at, one in enumerate(file.articles) for error in _empty(at, one)),
        *(error for at, one in enumerate(file.diagnoses) for error in _unusable(at, one)),
    ]
    if errors:
        raise BadArticles(errors=errors)
    return file


def fault(at: Iterable[str | int], message: str) -> dict[str, str]:
    """One of `BadArticles.errors`."""
    return {"field": pointer(at), "message": message}


def pointer(parts: Iterable[str | int]) -> str:
    """RFC 6901, without the names that the shapes of one field have in the reader."""
    steps = (str(part) for part in parts)
    plain = (s for s in steps if not s.startswith(("_", "SubjectPart", "constrained-str")))
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in plain)


def _twins(where: str, ids: Iterable[str]) -> list[dict[str, str]]:
    named = list(ids)
    counts = Counter(named)
    return [
        fault((where, at, "id"), _("The id “%(id)s” stands here twice.") % {"id": one})
        for at, one in enumerate(named)
        if counts[one] > 1
    ]


def _empty(at: int, article: ArticlePart) -> list[dict[str, str]]:
    if article.texts.by_language():
        return []
    return [fault(("articles", at, "texts"), _("Write the article in one language at least."))]


def _unusable(at: int, diagnosis: DiagnosisPart) -> list[dict[str, str]]:
    """Answers with one id, and everything `faults` finds."""
    here = ("diagnoses", at)
    errors = []
    for name, step in diagnosis.steps.items():
        answers = [one.id for one in step.answers] if isinstance(step, _QuestionPart) else []
        for place, answer in enumerate(answers):
            if answer == UNKNOWN or answers.count(answer) > 1:
                errors.append(
                    fault(
                        (*here, "steps", name, "answers", place, "id"),
                        _("The id “%(id)s” is taken by another answer.") % {"id": answer},
                    )
                )
    if errors:
        return errors
    sentences = {
        "no-such-step": _("This leads to a step that is not there."),
        "never-reached": _("No way leads to this step."),
        "no-conclusion": _("No way leads from this step to a conclusion."),
    }
    found = faults(Guide.of(diagnosis.stored()))
    return [fault((*here, *one.at), sentences[one.code]) for one in found]


def _sentence(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{message[:1].upper()}{message[1:]}."
