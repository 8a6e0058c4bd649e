"""XML and HTML that mean harm: entities, files and hosts outside, elements in elements in elements."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from textfix.errors import InputError
from textfix.formats import open_document

from ..pace import at_most

NS = 'xmlns="http://www.loc.gov/standards/alto/ns-v3#"'
ALTO = f'<alto {NS}><TextLine><String CONTENT="{{}}"/></TextLine></alto>'

#: Ten levels of ten: 10^10 times three characters.
LAUGHS = "<!DOCTYPE alto [<!ENTITY a0 'lol'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 11))
)
#: One of 50,000 characters, 50,000 times.
QUADRATIC = f"<!DOCTYPE alto [<!ENTITY a '{'x' * 50_000}'>]>"

_watched: list[tuple[str, str]] | None = None


def _hook(event: str, args: tuple[object, ...]) -> None:
    if _watched is not None and (
        event == "open" or event.startswith(("socket.", "urllib.", "subprocess.", "os.system"))
    ):
        _watched.append((event, str(args[0]) if args else ""))


sys.addaudithook(_hook)  # it stays for the life of the process, and does nothing unless asked


@contextmanager
def watched() -> Iterator[list[tuple[str, str]]]:
    """What files are opened and what hosts are asked meanwhile."""
    global _watched
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


def test_the_watch_sees_files_and_hosts(tmp_path: Path) -> None:
    import socket

    with watched() as seen:
        (tmp_path / "a").write_text("a")
        with socket.socket() as one, pytest.raises(OSError, match="refused"):
            one.connect(("127.0.0.1", 9))
    assert {event for event, _ in seen} >= {"open", "socket.connect"}


@pytest.mark.parametrize(
    ("declared", "used"),
    [(LAUGHS, "&a10;"), (LAUGHS, "&a10;" * 1000), (QUADRATIC, "&a;" * 50_000)],
    ids=["laughs", "many laughs", "quadratic"],
)
def test_entities_are_not_expanded(declared: str, used: str) -> None:
    data = (declared + ALTO.format(used)).encode()
    with at_most(turns=10), pytest.raises(InputError, match=r"declares the entity 'a0?'; resolve entities first"):
        open_document(data, format="alto")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("SECRET")
    return path


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE alto [<!ENTITY a SYSTEM "{}">]>',
        '<!DOCTYPE alto [<!ENTITY a PUBLIC "x" "http://127.0.0.1:9/a">]>',
        '<!DOCTYPE alto [<!ENTITY % a SYSTEM "{}"> %a;]>',
        "<!DOCTYPE alto [<!ENTITY % a \"<!ENTITY b 'SECRET'>\"> %a;]>",
    ],
)
def test_entities_from_outside_are_refused(declared: str, outside: Path) -> None:
    data = (declared.format(outside.as_uri()) + ALTO.format("甲").replace("/></TextLine>", "/>&a;</TextLine>")).encode()
    with watched() as seen, pytest.raises(InputError, match="declares the entity"):
        open_document(data, format="alto")
    assert seen == []


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE alto SYSTEM "{}">',
        '<!DOCTYPE alto PUBLIC "-//x" "http://127.0.0.1:9/alto.dtd">',
        '<?xml-stylesheet type="text/xsl" href="{}"?>',
        '<?xml-model href="http://127.0.0.1:9/schema.rng"?>',
    ],
)
def test_nothing_is_fetched(head: str, outside: Path) -> None:
    """A document type, a style sheet or a schema that is only named is no reason to refuse a file: it is not read."""
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{outside.as_uri()}" parse="text"/>'
    body = ALTO.format("甲").replace("<alto", '<alto xsi:schemaLocation="a http://127.0.0.1:9/a.xsd" xmlns:xsi="b"')
    data = (head.format(outside.as_uri()) + body.replace("</alto>", include + "</alto>")).encode()
    with watched() as seen:
        document = open_document(data, format="alto")
    assert document.text == "甲"
    assert document.write([]) == data
    assert seen == []


def test_html_fetches_nothing_and_runs_nothing(outside: Path) -> None:
    links = f"<img src='{outside.as_uri()}'><iframe src='http://127.0.0.1:9/'></iframe>"
    links += "<script src='//127.0.0.1:9/a'></script>"
    data = f"<html><body onload='x()'>{links}<span class=ocrx_word>甲&a;</span><object data='{outside}'>".encode()
    with watched() as seen:
        assert open_document(data, format="hocr").text == "甲\ufffd"
    assert seen == []


DEPTH = 100_000
PAGE = '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Page>{}</Page></PcGts>'
DEEP = {
    "alto": f'<alto {NS}>{"<a>" * DEPTH}<TextLine><String CONTENT="甲"/></TextLine>{"</a>" * DEPTH}</alto>',
    "page": PAGE.format(
        f"{'<TextRegion>' * DEPTH}<TextEquiv><Unicode>甲</Unicode></TextEquiv>{'</TextRegion>' * DEPTH}"
    ),
    "hocr": f"<html>{'<div class=ocr_carea>' * DEPTH}<span class=ocrx_word>甲</span>",
}


@pytest.mark.parametrize("format", DEEP)
def test_a_hundred_thousand_elements_in_each_other(format: str) -> None:
    assert open_document(DEEP[format].encode(), format=format).text == "甲"


@pytest.mark.parametrize(
    "bad", ["<b" * 50_000, "<b>" * 50_000, "<![CDATA[" * 50_000, "<!--" * 50_000, "&#x" * 50_000, "<a b='" * 50_000]
)
def test_xml_that_does_not_end(bad: str) -> None:
    with at_most(turns=10), pytest.raises(InputError, match="not XML"):
        open_document(f"<alto {NS}>{bad}".encode(), format="alto", name="x")
