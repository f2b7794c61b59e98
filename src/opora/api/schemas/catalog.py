"""Products, versions and problems."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from opora.api.fields import Shown, one_of

Deployment = Literal["on_premises", "client", "developer", "hybrid", "cloud"]
DeploymentShown = Annotated[str, one_of(*get_args(Deployment))]
Phase = Annotated[str, one_of("not_released", "mainstream", "extended", "ended")]


class SupportedAt(Shown):
    """The portal where a product is supported if not here (S3.1)."""

    name: str
    url: str


class ProductShown(Shown):
    id: str
    family: str
    name: str
    deployment: DeploymentShown
    supported_at: SupportedAt | None


class VersionShown(Shown):
    """A version with its last days of support (both included) and its phase today."""

    id: str
    name: str
    released_on: date | None
    mainstream_ends_on: date | None
    extended_ends_on: date | None
    phase: Phase
    generation: int | None = Field(description="0 is the latest of its line; null: not counted.")


class ProblemShown(Shown):
    id: str
    category: str
    name: str


class ProductList(Shown):
    items: list[ProductShown]
    next: str | None


class VersionList(Shown):
    items: list[VersionShown]
    next: str | None


class ProblemList(Shown):
    items: list[ProblemShown]
    next: str | None
