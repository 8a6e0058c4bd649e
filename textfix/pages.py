"""Self-contained HTML pages: escaping, the skeleton, the palette of kinds, and inline style, script and data.

A page asks the network for nothing, and its content security policy forbids it to: what stands in a document cannot
make a page run a script or load anything. Style sheets and scripts lie in ``assets/``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape as _escape
from pathlib import Path
from typing import Any

__all__ = ["HUES", "asset", "escape", "group_of", "kind_class", "page"]

#: Kind → hue in degrees and saturation in percent. What OCR did is warm, what people did cool, the setting grey.
HUES: Mapping[str, tuple[int, int]] = {
    "glyph": (8, 90),
    "split": (28, 95),
    "merge": (44, 95),
    "shift": (330, 80),
    "drop": (352, 80),
    "noise": (60, 85),
    "mark": (18, 55),
    "variant": (75, 60),
    "term": (310, 60),
    "number": (270, 85),
    "omission": (205, 85),
    "insertion": (155, 60),
    "substitution": (230, 85),
    "move": (180, 65),
    "width": (220, 12),
    "quote": (250, 14),
    "space": (200, 10),
    "layout": (0, 0),
}
_EDITORIAL = frozenset({"number", "omission", "insertion", "substitution", "move"})
_FORMAT = frozenset({"width", "quote", "space", "layout"})
#: What HTML does not allow in a text: control characters but tab and line feed, halves of surrogate pairs,
#: non-characters. A carriage return is kept as a reference, for a parser would make a line feed of it.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ASSETS = Path(__file__).resolve().parent / "assets"


def escape(text: str) -> str:
    """`text` for the content of an element or a quoted attribute; what HTML forbids becomes U+FFFD."""
    return _escape(_FORBIDDEN.sub("\ufffd", text)).replace("\r", "&#13;")


def group_of(kind: str) -> str:
    """The party behind a kind of difference: ``ocr``, ``editorial`` or ``format``."""
    return "editorial" if kind in _EDITORIAL else "format" if kind in _FORMAT else "ocr"


def kind_class(kind: str) -> str:
    """The class attribute of an element in the colour of `kind`."""
    return f"k k-{kind}"


@cache
def asset(name: str) -> str:
    """A shipped style sheet or script."""
    return (_ASSETS / name).read_text("utf-8")


def page(title: str, body: str, *, css: str = "", js: str = "", data: Mapping[str, Any] | None = None) -> str:
    """A whole HTML document around `body`, which is HTML already; `title` is plain text.

    `css` comes behind the style that all pages share (``assets/base.css`` and the colours of the kinds), `js` runs
    when the body is there. Each item of `data` can be read by the script:
    ``JSON.parse(document.getElementById(key).textContent)``.
    """
    style = f"{asset('base.css')}{_colours()}{css}"
    digest = base64.b64encode(hashlib.sha256(js.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    blocks = "".join(f'<script type="application/json" id="{k}">{_json(v)}</script>\n' for k, v in (data or {}).items())
    script = f"<script>{js}</script>\n" if js else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="textfix">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n'
        f"<body>\n{body}\n{blocks}{script}</body>\n</html>\n"
    )


def _json(value: Any) -> str:
    """JSON that cannot end its own script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@cache
def _colours() -> str:
    rules = (f".k-{kind}{{--h:{hue};--s:{saturation}%}}" for kind, (hue, saturation) in HUES.items())
    return "\n".join(rules) + "\n"
