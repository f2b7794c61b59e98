"""The files that cases were opened with: what was posted, beside what came later."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from opora.cases.models import Attachment, Case


def opening_files_of(cases: Sequence[Case]) -> dict[int, list[str]]:
    """Public ids by the case's key, in the order of their upload. One statement for all cases.

    A file's instant is when it was put on the case; a note's file is never one of these.
    """
    found: dict[int, list[str]] = {case.pk: [] for case in cases}
    rows = Attachment.objects.filter(
        case__in=list(found), is_internal=False, at__lte=F("case__submitted_at")
    )
    for case_pk, public_id in rows.order_by("pk").values_list("case_id", "public_id"):
        found[case_pk or 0].append(public_id.hex)
    return found
