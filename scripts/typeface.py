"""Cut from the typeface what pages in Latin script need, and pack it for browsers (ADR 0025).

    python scripts/typeface.py src/opora/web/static/web/open-sans.woff2

The whole typeface weighs 530 kB and is loaded only for letters beyond these.
"""

from __future__ import annotations

import sys
from pathlib import Path

import fontpkg_open_sans
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WHOLE = Path(fontpkg_open_sans.__file__).parent / "files" / "OpenSans[wdth,wght].ttf"
# The same ranges stand in `opora.css`, as the font's `unicode-range`.
RANGES = [
    *((0x20, 0x7E), (0xA0, 0x17F), (0x2000, 0x206F)),
    *((0x20AC, 0x20AC), (0x2116, 0x2122), (0x2212, 0x2212)),
]
WEIGHTS = (400, 800)  # what style sheets ask for lies between
FEATURES = ["ccmp", "locl", "kern", "liga", "lnum", "tnum", "mark", "mkmk"]


def main(target: Path) -> None:
    font = TTFont(WHOLE)
    options = subset.Options(layout_features=FEATURES, hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wdth": 100, "wght": WEIGHTS})
    font.flavor = "woff2"
    half = target.with_suffix(".half")
    font.save(half)
    half.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
