"""`python -m bench.currency`: whether a kept database fits this code's migrations."""

from __future__ import annotations

import django

if __name__ == "__main__":
    django.setup()
    from opora.core import installation

    print("current" if installation.is_current() else "older")
