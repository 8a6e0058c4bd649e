"""Pages of our own: nothing in a text gets out of its place, every kind has a colour that can be read on."""

from __future__ import annotations

import colorsys
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import DIFFERENCE_KINDS, EDITORIAL_KINDS
from textfix.edits import FORMAT_KINDS, KINDS
from textfix.pages import HUES, asset, escape, group_of, page


class Reader(HTMLParser):
    """The tags in order, and the text of all that is no style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            tag, attrs = self.tags[-1]
            self.texts[attrs.get("id") or tag] = self.texts.get(attrs.get("id") or tag, "") + data


NASTY = st.text(st.one_of(st.sampled_from("<>&\"'/!-]\r\n\0\u2028\ud800\ufffe"), st.characters()), max_size=30)


@given(NASTY, NASTY)
def test_a_text_stays_in_its_place(text: str, other: str) -> None:
    html = page(text, f'<p id="p" title="{escape(other)}">{escape(text)}</p>', data={"d": [text, {"x": other}]})
    html.encode("utf-8")
    seen = Reader(html)
    plain = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", text)
    assert [tag for tag, _ in seen.tags] == [tag for tag, _ in Reader(page("", '<p id="p">', data={"d": 0})).tags]
    assert seen.texts.get("p", "").rstrip("\n") == plain.rstrip("\n")
    assert json.loads(seen.texts["d"]) == [text, {"x": other}]


def test_known_attacks() -> None:
    evil = "</script><script>alert(1)</script><!--"
    html = page(evil, escape(evil), js="let a = 1;", data={"d": evil})
    assert html.count("<script") == html.count("</script>") == 2
    assert "<!--" not in html
    assert escape("\"'") == "&quot;&#x27;"


def test_a_page_asks_for_nothing() -> None:
    html = page("t", "", js="x()")
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|url\(|@import", html)


def test_every_kind_has_a_colour_and_a_party() -> None:
    assert set(HUES) == set(KINDS) | set(DIFFERENCE_KINDS)
    assert len(set(HUES.values())) == len(HUES)
    assert {kind for kind in HUES if group_of(kind) == "format"} == FORMAT_KINDS
    assert {kind for kind in HUES if group_of(kind) == "editorial"} == set(EDITORIAL_KINDS)


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: float, two: float) -> float:
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)


def of_hex(colour: str) -> float:
    return luminance(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))


def themes() -> list[dict[str, str]]:
    css = asset("base.css")
    return [dict(re.findall(r"--(\w+): ([^;]+);", block)) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)]


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_contrast(theme: dict[str, str]) -> None:
    """WCAG AA: 4.5 for text on any ground it stands on, 3 for the line that tells one kind's place."""
    fore, ground = of_hex(theme["fg"]), of_hex(theme["bg"])
    for name in ("fg", "muted", "accent", "good", "bad"):
        for behind in ("bg", "panel"):
            assert contrast(of_hex(theme[name]), of_hex(theme[behind])) >= 4.5, (name, behind)
    for kind, (hue, saturation) in HUES.items():
        tint, edge = (
            luminance(*colorsys.hls_to_rgb(hue / 360, int(theme[name][:-1]) / 100, saturation / 100))
            for name in ("tint", "edge")
        )
        assert contrast(fore, tint) >= 4.5, kind
        assert contrast(edge, ground) >= 3, kind
