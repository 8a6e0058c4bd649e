"""Files too large to be meant: a result or a clear error, and memory that is bounded, in processes of their own.

The sizes are scaled down; those of the bars (a line of 100 MB, a table of a million rows) run with ``-m long``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

from ..formats.test_pdf import pdf

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures memory as Linux does")

#: What the process may take at most, in MB of address space; much less is asked of most.
MOST = 3000
#: The most memory that the process held, in MB. Not `ru_maxrss`: Linux lets a child begin with what its parent held.
PEAK = """
from pathlib import Path
def peak(): return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
"""
PROGRAM = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({most} << 20, {most} << 20))
from textfix.errors import TextfixError
{peak}
size = int(sys.argv[1])
def work():
{body}
before = peak()
try:
    said = work()
except TextfixError as error:
    said = str(error)
print(json.dumps([said, before, peak()]))
"""


def measured(body: str, size: int = 0, *, most: int = MOST) -> tuple[object, int]:
    """What `body` returns (or the message of its `TextfixError`), and the MB that it took at its peak."""
    program = PROGRAM.format(most=most, peak=PEAK, body=textwrap.indent(textwrap.dedent(body), "    "))
    done = subprocess.run([sys.executable, "-c", program, str(size)], capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-2000:]
    said, before, after = json.loads(done.stdout.splitlines()[-1])
    return said, after - before


def sizes(small: int, large: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("size", [small, pytest.param(large, marks=pytest.mark.long)])


@sizes(4_000_000, 100_000_000)
def test_one_line_of_plain_text(size: int) -> None:
    """It goes by in windows, whatever its length."""
    said, megabytes = measured(
        """
        from textfix.decoding import Decoding
        from textfix.parts import plain_parts
        pieces = ("重庆市".encode()[:9] * 1000 for _ in range(size // 9000))
        return sum(len(part.data) for part in plain_parts(pieces, Decoding("utf-8", "f")))
        """,
        size,
    )
    assert said == size // 9000 * 9000
    assert megabytes < 20


@sizes(400_000, 100_000_000)
def test_one_line_through_the_command(size: int, tmp_path: Path) -> None:
    """`textfix clean` of a single line, under a limit that the line as a whole would break."""
    path = tmp_path / "line.txt"
    with path.open("wb") as file:
        for _ in range(size // 4000):
            file.write(b"abc " * 1000)
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1500 << 20,) * 2)\n"
    limited += PEAK + "from textfix.cli import main; code = main(['clean', sys.argv[1], '-o', sys.argv[2]])\n"
    limited += "print(peak()); sys.exit(code)"
    command = [sys.executable, "-c", limited, str(path), str(tmp_path / "out.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out.txt").stat().st_size == size
    assert int(done.stdout) < 500


RECORDS = """
    from textfix.decoding import Decoding
    from textfix.fields import JsonLines, Separated
    from textfix.parts import BadRecord
    from textfix.records import record_parts
"""


def test_a_record_of_a_hundred_megabytes() -> None:
    """Lines of records are held as a whole, so they have a limit."""
    said, megabytes = measured(
        RECORDS
        + """
    pieces = (b'{"text": "' + b"x" * 99_990 for _ in range(1000))
    return sum(1 for _ in record_parts(pieces, Decoding("utf-8", "f"), JsonLines("text")))
        """
    )
    assert said == "f: line 1 is longer than 64 MiB; are these records?"
    assert megabytes < 200


@sizes(20_000_000, 100_000_000)
def test_a_quote_that_is_never_closed(size: int) -> None:
    said, megabytes = measured(
        RECORDS
        + """
    pieces = [b'id,text\\n1,"', *(b"x" * 9_999 + b"\\n" for _ in range(size // 10_000))]
    found = list(record_parts(pieces, Decoding("utf-8", "f"), Separated("text", delimiter=",", quotes=True)))
    return sorted({item.reason for item in found if isinstance(item, BadRecord)})
        """,
        size,
    )
    assert said == ["a quote is never closed", "has 1 cells, the first record 2"]
    assert megabytes < 100 + 4 * size // 1_000_000


@sizes(20_000, 1_000_000)
def test_a_million_records(size: int) -> None:
    said, megabytes = measured(
        RECORDS
        + """
    pieces = (b"%d,\\xe9\\x87\\x8d\\xe5\\xba\\x86\\n" % n for n in range(size))
    return sum(1 for _ in record_parts(pieces, Decoding("utf-8", "f"), Separated("2", delimiter=",", quotes=True)))
        """,
        size,
    )
    assert said == size
    assert megabytes < 20


@sizes(20_000, 1_000_000)
def test_a_confusable_table_of_a_million_rows(size: int) -> None:
    said, megabytes = measured(
        """
        from textfix.tables.confusable import COLUMNS, Table
        rows = (f"{chr(0x4e00 + n % 20000)}{chr(0x4e00 + n // 20000)}\\t的\\tglyph\\t1\\t1\\t\\t" for n in range(size))
        head = "# textfix confusable table, version 1\\n" + "\\t".join(COLUMNS) + "\\n"
        return len(Table.parse(head + "\\n".join(rows) + "\\n"))
        """,
        size,
    )
    assert said == size
    assert megabytes < 50 + size // 1000


@sizes(20_000, 1_000_000)
def test_a_million_terms(size: int) -> None:
    said, megabytes = measured(
        """
        from textfix.tables.terms import TermIndex
        from textfix.text.codepoints import encode
        index = TermIndex(f"{chr(0x4e00 + n % 20000)}市{chr(0x4e00 + n // 20000)}局办公室" for n in range(size))
        assert len(index.search(encode("重庆市规划局")).start) >= 0
        return len(index)
        """,
        size,
    )
    assert said == size
    assert megabytes < 150 + size // 1000


@sizes(20_000, 1_000_000)
def test_a_journal_of_a_million_rows(size: int, tmp_path: Path) -> None:
    row = {"type": "edit", "offset": 0, "observed": "a", "replacement": "b", "kind": "glyph", "encoding": "utf-8"}
    with (tmp_path / "journal").open("w") as file:
        file.write('{"type":"journal","format":"textfix.edits","version":1}\n{"type":"file","file":"a"}\n')
        file.writelines(json.dumps(row | {"offset": n}) + "\n" for n in range(size))
        digest = {"bytes": size, "sha256": "0"}
        file.write(json.dumps({"type": "end", "changes": size, "input": digest, "output": digest}) + "\n")
    said, megabytes = measured(
        f"""
        from textfix.journal import apply_section, sections
        (section,) = sections({str(tmp_path / "journal")!r})
        done = 0
        for piece in apply_section(section, (b"a" * 1000 for _ in range(size // 1000)), "f"):
            done += len(piece)
        return done
        """,
        size,
    )
    assert said == f"f: is not the file the journal is about (sha256 0…, {size} bytes)"
    assert megabytes < 20


@sizes(20_000, 1_000_000)
def test_xml_of_a_million_elements(size: int) -> None:
    said, megabytes = measured(
        """
        from textfix.formats import open_document
        word = '<String CONTENT="甲"/><SP/>'
        line = f"<TextLine>{word * (size // 2)}</TextLine>"
        data = f'<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#">{line}</alto>'
        return len(open_document(data.encode()).text)
        """,
        size,
    )
    assert said == size // 2
    assert megabytes < 60 + size // 700


# --- PDF ------------------------------------------------------------------------------------------------------------

PLAIN = pdf([["第一页"]])
CONTENT = PLAIN.index(b"/Length", PLAIN.index(b"/Contents"))


def packed(content: bytes) -> bytes:
    """`PLAIN` with another content, packed."""
    data = zlib.compress(content, 9)
    stream = b"/Filter /FlateDecode /Length %d >>\nstream\n" % len(data) + data + b"\n"
    return PLAIN[:CONTENT] + stream + PLAIN[PLAIN.index(b"endstream", CONTENT) :]


PDFS = {
    "a page count without pages": (PLAIN.replace(b"/Count 1", b"/Count 2147483647"), ""),
    "pages in themselves": (PLAIN.replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]"), "is no readable PDF"),
    "one page many times": (
        PLAIN.replace(b"/Kids [6 0 R] /Count 1", b"/Kids [%s] /Count 3000" % (b"6 0 R " * 3000)),
        "",
    ),
    "no table of objects": (PLAIN[: PLAIN.index(b"xref\n")], ""),
    "a table that is elsewhere": (PLAIN.replace(b"startxref\n", b"startxref\n9"), ""),
    "a table before itself": (PLAIN.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % PLAIN.index(b"xref\n0")), ""),
    "arrays in arrays": (PLAIN.replace(b"[0 0 420 595]", b"[" * 100_000 + b"]" * 100_000), ""),
    "a hundred megabytes of nothing": (packed(b" " * 100_000_000), "no text layer"),
    "cut off": (PLAIN[: len(PLAIN) // 2], ""),
    "no objects": (b"%PDF-1.7\n" + b"x" * 1000, "is no readable PDF"),
}


@pytest.mark.parametrize("name", PDFS)
def test_pdfs_that_mean_harm(name: str, tmp_path: Path) -> None:
    data, message = PDFS[name]
    (tmp_path / "a.pdf").write_bytes(data)
    said, megabytes = measured(
        f"""
        from pathlib import Path
        from textfix.formats.pdf import extract
        return len(extract(Path({str(tmp_path / "a.pdf")!r}).read_bytes(), "f"))
        """
    )
    assert isinstance(said, int) or str(said).startswith("f: ")
    assert message in str(said)
    assert megabytes < 600
