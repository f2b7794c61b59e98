"""The REST API as one application: its calls, its door, its description."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from opora.api import cases, contacts, contracts, conversation, eligibility, me, products
from opora.api.auth import Bearer
from opora.api.description import ABOUT, PREFIX, complete
from opora.api.docs import docs_page, openapi_json
from opora.api.door import behind_the_door, no_such_call
from opora.api.problems import answer_problems
from opora.api.reading import StrictParser

ROUTERS: tuple[Router, ...] = (
    me.router,
    products.router,
    contracts.router,
    eligibility.router,
    cases.router,
    conversation.router,
    contacts.router,
)


class OporaApi(NinjaAPI):
    """Ninja, with short operation ids and a description that leaves no status out."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=f"{PREFIX}/")
        complete(schema, {op.view_func.__name__: op.view_func for op in self.operations()})
        return schema

    def operations(self) -> list[Operation]:
        return [
            operation
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
        ]


def _api() -> OporaApi:
    made = OporaApi(
        title="Opora",
        version="1",
        description=ABOUT,
        auth=Bearer(),
        parser=StrictParser(),
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
    )
    for router in ROUTERS:
        made.add_router("", router)
    answer_problems(made)
    return made


api = _api()


def described() -> dict[str, Any]:
    """The OpenAPI description, as served and as committed in `openapi.json`."""
    return dict(api.get_openapi_schema())


def urlpatterns() -> list[URLPattern]:
    """Every address of the API, each behind the door; what is none of them is a problem too."""
    queries = _queries()
    patterns = [
        path("openapi.json", openapi_json(described), name="openapi"),
        path("docs", docs_page, name="docs"),
    ]
    for pattern in api.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.name == "api-root":
            continue
        route = str(pattern.pattern)
        pattern.callback = behind_the_door(pattern.callback, queries=queries[route])
        patterns.append(pattern)
    patterns.append(re_path(r"", behind_the_door(no_such_call, queries=None), name="no-such-call"))
    return patterns


def _queries() -> dict[str, dict[str, frozenset[str]]]:
    """The query parameters of each call, by route and method."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for router in api._get_bound_routers():
        for route, view in router.path_operations.items():
            for operation in view.operations:
                names = frozenset(
                    name
                    for model in operation.models
                    if model.__ninja_param_source__ == "query"
                    for name in model.__ninja_flatten_map__
                )
                methods = found.setdefault(re.sub(r"{(\w+)}", r"<\1>", route.lstrip("/")), {})
                methods.update(dict.fromkeys(operation.methods, names))
    return found
