"""A page that shows one file: a picture, a text's beginning, or why there is nothing to show."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from opora.cases.models import Attachment
from opora.web.downloads import LONGEST_TEXT, beginning_of, is_there, may_be_picture
from opora.web.sent_files import is_waiting


def preview_of(request: HttpRequest, file: Attachment, number: str, *, door: str) -> HttpResponse:
    """`door`: "portal" or "desk", whose addresses lead back and give the bytes away."""

    def there(name: str) -> str:
        return reverse(f"{door}:{name}", args=[number, file.public_id.hex])

    return render(
        request,
        "web/file.html",
        {
            "file": file,
            "number": number,
            "text": beginning_of(file),
            "is_cut": file.size > LONGEST_TEXT,
            "picture": there("case_file_picture") if may_be_picture(file) else "",
            "download": there("case_file") if is_there(file) else "",
            "is_waiting": is_waiting(file),
            "back": reverse(f"{door}:case", args=[number]),
        },
    )
