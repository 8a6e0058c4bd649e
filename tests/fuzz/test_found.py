"""What fuzzing found, each with the least file that shows it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from textfix.edits import Edit
from textfix.errors import EditError, InputError, ModelError, OptionError, TableError, brief
from textfix.files import decode
from textfix.formats import detect, open_document
from textfix.lm import store

from ..pace import at_most
from . import seeds
from .targets import TARGETS, attempt, sealed

ALTO = '<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><TextLine><String CONTENT="{}"/></TextLine></alto>'
WORD = "<html><span class='ocrx_word'>{}</span></html>"


def text_of(source: str, format: str) -> str:
    return open_document(source.encode(), format=format).text


@pytest.mark.parametrize(("template", "format"), [(ALTO, "alto"), (WORD, "hocr")])
def test_a_character_reference_of_many_digits(template: str, format: str) -> None:
    """Python converts at most 4,300 digits to a number, zeros in front included."""
    zeros = "0" * 5000
    assert text_of(template.format(f"&#{zeros}97;&#x{zeros}4e00;"), format) == "a一"


def test_a_character_reference_beyond_all_characters() -> None:
    assert text_of(WORD.format(f"&#{'9' * 5000};&#x{'f' * 5000};&#0;&#1114112;"), "hocr") == "\ufffd" * 4
    alternatives = f"<html><span class='ocrx_word&#{'9' * 5000};'>x</span></html>"
    assert text_of(alternatives, "hocr") == ""


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "raw-unicode-escape", "undefined"])
def test_notations_are_no_encodings(encoding: str) -> None:
    """Their decoders raise what no decoder of text raises, or make characters of backslashes."""
    data = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + ALTO.format("xn--a\\ud800").encode()
    with pytest.raises(OptionError, match="no text encoding"):
        open_document(data, format="alto")
    with pytest.raises(OptionError, match="no text encoding"):
        decode(b"xn--a", encoding)


def test_an_index_of_many_digits() -> None:
    page = TARGETS["page"].seeds()[0].decode().replace("<TextEquiv>", f'<TextEquiv index="{"9" * 5000}">')
    assert attempt(TARGETS["page"], page.encode())


N = 20_000
SLOW: dict[str, Callable[[], object]] = {
    "deep": lambda: text_of("<html>" + "<div class=ocr_carea>" * N + WORD.format("x") * 50, "hocr"),
    "words deep down": lambda: text_of("<html>" + "<div class=ocr_par>" * N + "<span class=ocrx_word>x" * N, "hocr"),
    "lines in lines": lambda: text_of("<html>" + "<span class=ocr_line>" * N, "hocr"),
    "a name without an end": lambda: text_of(WORD.format("<" + "a" * N), "hocr"),
    "an end without an end": lambda: text_of(WORD.format("</" + "a" * N), "hocr"),
    "ends without an end": lambda: text_of(WORD.format('</a"' * 900), "hocr"),
    "comments without an end": lambda: text_of(WORD.format("<!-- >" * N), "hocr"),
    "instructions without an end": lambda: text_of(WORD.format("<? " * N), "hocr"),
    "an attribute without a value": lambda: text_of(f"<html><span {'a' * N}><b {'c' * N}>", "hocr"),
    "blanks for an attribute": lambda: text_of(f"<html><span a={' ' * N}>x</span>", "hocr"),
    "blanks for a class": lambda: detect(b"<html class=" + b" " * 60_000),
    "numbers that are taken": lambda: attempt(
        TARGETS["alto"], ALTO.format("的" + "".join(f"textfix_{n} " for n in range(1, N))).encode()
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_time_is_linear(name: str) -> None:
    """Each of these took from several seconds to more than a minute; now they take hundredths, the last one two."""
    with at_most(turns=60 if name == "numbers that are taken" else 25):
        SLOW[name]()


def test_so_many_broken_tags_are_no_html() -> None:
    for tag in ("<a'", '</a"'):
        with pytest.raises(InputError, match="is no HTML"):
            text_of(WORD.format(tag * 2000), "hocr")


ROWS: dict[str, tuple[str, object]] = {
    "a size that is infinite": ("input", {"bytes": float("inf"), "sha256": "x"}),
    "a size that is text": ("input", {"bytes": "x", "sha256": "x"}),
    "a size below nothing": ("output", {"bytes": -1, "sha256": "x"}),
    "a digest that is none": ("output", {"bytes": 1, "sha256": None}),
    "changes that are no number": ("changes", "many"),
    "changes without end": ("changes", float("inf")),
    "an offset that is infinite": ("offset", float("inf")),
    "an offset of many digits": ("offset", 10**400),
    "an encoding that is none": ("encoding", "rot13"),
    "an encoding that is no name": ("encoding", "utf-8\0"),
    "an encoding that is a list": ("encoding", []),
    "what was observed is nothing": ("observed", None),
}


@pytest.mark.parametrize("name", ROWS)
def test_wrong_values_in_a_journal(name: str) -> None:
    key, value = ROWS[name]
    rows = [json.loads(line) for line in TARGETS["journal"].seeds()[0].splitlines()]
    for row in rows:
        if key in row:
            row[key] = value
    attempt(TARGETS["journal"], b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def test_a_journal_that_is_nested_too_deeply() -> None:
    head = TARGETS["journal"].seeds()[0].splitlines(keepends=True)[0]
    assert not attempt(TARGETS["journal"], head + b"[" * 100_000 + b"\n")


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), -1, True, None, "0.5"])
def test_a_confidence_that_is_none(value: object) -> None:
    row = {"start": 0, "end": 1, "observed": "a", "replacement": "b", "kind": "glyph", "confidence": value}
    with pytest.raises(EditError):
        Edit.from_dict(row)


def test_messages_can_be_read() -> None:
    """What a broken file holds is not poured out over the screen, and does not break the line."""
    assert len(brief("x" * 10_000)) < 200
    assert brief("a\nb\u2028") == "'a\\nb\\u2028'"
    table = TARGETS["table"].seeds()[0].decode()
    assert not attempt(
        TARGETS["decisions"], TARGETS["decisions"].seeds()[0].replace(b'"glyph"', b'"' + b"x" * 9000 + b'"')
    )
    assert not attempt(TARGETS["table"], table.replace("glyph", "x" * 9000).encode())
    assert not attempt(TARGETS["csv"], b'id,"a\nb",c\r' + b"d," * 3000)
    assert not attempt(TARGETS["alto"], f"<!DOCTYPE alto [<!ENTITY {'a' * 9000} 'b'>]>{ALTO}".encode())


def test_a_count_of_many_digits() -> None:
    table = TARGETS["table"].seeds()[0].decode()
    assert "\t3\t2\t" in table
    assert not attempt(TARGETS["table"], table.replace("\t3\t2\t", f"\t{'3' * 5000}\t2\t").encode())
    with pytest.raises(TableError, match="at most 15 digits"):
        TARGETS["table"].run(table.replace("\t3\t2\t", f"\t{'3' * 16}\t2\t").encode())


# --- models ---------------------------------------------------------------------------------------------------------


def rewritten(data: bytes, change: Callable[[dict[str, np.ndarray], dict[str, object]], None]) -> bytes:
    """A model file whose arrays and facts are changed, with checksums that are right."""
    arrays, meta = store.unpack(memoryview(data), "seed")
    arrays = dict(arrays)
    change(arrays, meta)
    return store.pack(arrays, meta)


MODELS: dict[str, Callable[[dict[str, np.ndarray], dict[str, object]], None]] = {
    "no code points": lambda a, _: a.update(characters=np.array([0x110000], dtype=np.uint32)),
    "characters of two dimensions": lambda a, _: a.update(characters=a["characters"].reshape(1, -1)),
    "too few unigrams": lambda a, _: a.update(log_probs1=a["log_probs1"][:3]),
    "an empty table": lambda a, _: a.update(entries2=a["entries2"][:0]),
    "values that are missing": lambda a, _: a.update(values3=a["values3"][:1]),
    "entries of another type": lambda a, _: a.update(entries2=a["entries2"].astype(np.float32)),
    "no seeds": lambda a, _: a.update(seeds4=a["seeds4"][:0]),
    "an empty book": lambda a, _: a.update(log_probs5=a["log_probs5"][:0]),
    "slots below nothing": lambda _, m: m.update(slots=dict.fromkeys(["2", "3", "4", "5", "left", "right"], -1)),
    "slots that are no numbers": lambda _, m: m.update(slots=dict.fromkeys(["2", "3", "4", "5", "left", "right"], "1")),
    "no slots": lambda _, m: m.update(slots=None),
    "lists of another width": lambda a, _: a.update(left_pairs=a["left_pairs"][:, :3]),
    "no lists": lambda a, _: a.update(right_singles=a["right_singles"][:0]),
    "checks of two dimensions": lambda a, _: a.update(left_checks=np.zeros((2, 2), dtype=np.uint16)),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_model_whose_parts_do_not_fit(name: str) -> None:
    data = rewritten(TARGETS["model"].seeds()[0], MODELS[name])
    assert not attempt(TARGETS["model"], data)


@pytest.mark.parametrize(
    "directory",
    [
        {"arrays": [["a", "<u1", [10**30], 0]], "meta": {}},
        {"arrays": [["a", "<u1", [-1], 0]], "meta": {}},
        {"arrays": [["a", "<u1", [2**31, 2**31, 4], 0]], "meta": {}},
        {"arrays": [["a", "<u1", [1.5], 0]], "meta": {}},
        {"arrays": [["a", "<u1", [1], -64]], "meta": {}},
        {"arrays": [["a", "|O", [1], 0]], "meta": {}},
        {"arrays": [["a", "<u1", [1]]], "meta": {}},
        {"arrays": [], "meta": []},
        [],
    ],
)
def test_a_directory_that_cannot_be(directory: object) -> None:
    raw = json.dumps(directory).encode()
    data = sealed(store._HEAD.pack(store.MAGIC, 1, len(raw), 0, 0, 0) + raw + bytes(64))
    with pytest.raises(ModelError):
        store.unpack(memoryview(data), "f")


def test_a_directory_that_is_nested_too_deeply() -> None:
    raw = b"[" * 200_000
    data = sealed(store._HEAD.pack(store.MAGIC, 1, len(raw), 0, 0, 0) + raw)
    with pytest.raises(ModelError, match="malformed"):
        store.unpack(memoryview(data), "f")


@pytest.mark.parametrize(
    "change",
    [
        lambda a, _: a.update(bias1=a["bias1"][:2]),
        lambda a, _: a.update(answers=a["answers"][:, :3]),
        lambda a, _: a.update(embedding=a["embedding"].ravel()),
        lambda a, _: a.update(third=a["third"].astype(np.float32)),
        lambda _, m: m.update(reach=10**9),
        lambda _, m: m.update(reach="3"),
        lambda _, m: m.update(carried=None),
    ],
)
def test_a_network_whose_parts_do_not_fit(
    change: Callable[[dict[str, np.ndarray], dict[str, object]], None],
) -> None:
    assert not attempt(TARGETS["cloze"], rewritten(TARGETS["cloze"].seeds()[0], change))


@pytest.mark.parametrize(
    "change",
    [
        lambda a, _: a.update(mix_bias=a["mix_bias"][:2]),
        lambda a, _: a.update(answers=a["answers"][:, :3]),
        lambda a, _: a.update(answers=np.zeros((200, 13), dtype=np.uint8)),
        lambda a, _: a.update(embedding=a["embedding"].ravel()),
        lambda a, _: a.update(left1=a["left1"].astype(np.float32)),
        lambda a, _: a.update(right0=a["right0"][1:]),
        lambda a, _: a.pop("right1_scale"),
        lambda _, m: m.update(dilations=[10**9]),
        lambda _, m: m.update(dilations=[]),
        lambda _, m: m.update(dilations=[2, 2]),
        lambda _, m: m.update(dilations="3"),
        lambda _, m: m.update(dilations=None),
    ],
)
def test_towers_whose_parts_do_not_fit(
    change: Callable[[dict[str, np.ndarray], dict[str, object]], None],
) -> None:
    assert not attempt(TARGETS["marks"], rewritten(TARGETS["marks"].seeds()[0], change))


@pytest.mark.parametrize(
    "change",
    [
        lambda a, _: a.update(checks=a["checks"].astype(np.uint16)),
        lambda a, _: a.update(behind=a["behind"][:-1]),
        lambda a, _: a.update(before=a["before"] + np.uint16(60000)),
        lambda a, _: a.update(behind_ends=a["behind_ends"][:-1]),
        lambda a, _: a.update(before_ends=a["before_ends"][::-1].copy()),
        lambda a, _: a.update(behind_two=a["behind_two"] + np.uint16(60000)),
        lambda a, _: a.update(before_two_ends=a["before_two_ends"][:-1]),
        lambda a, _: a.pop("before_two"),
        lambda a, _: a.pop("seeds"),
        lambda _, m: m.update(main=10**9),
        lambda _, m: m.update(main="3"),
    ],
)
def test_a_phrase_table_whose_parts_do_not_fit(
    change: Callable[[dict[str, np.ndarray], dict[str, object]], None],
) -> None:
    assert not attempt(TARGETS["phrases"], rewritten(TARGETS["phrases"].seeds()[0], change))


def test_a_channel_and_shapes_of_no_characters() -> None:
    """Numbers that say how much room is needed, or where to write."""
    channel = TARGETS["channel"].seeds()[0]
    at = 16 + 16 * 2  # behind keys, counts and totals of two pairs
    assert not attempt(TARGETS["channel"], channel[:at] + b"\xff" * 4 + channel[at + 4 :])
    assert not attempt(TARGETS["channel"], channel[:20] + b"\xff" * 4 + channel[24:])
    shapes = TARGETS["shapes"].seeds()[0]
    last = 28 + 4 * 6
    assert not attempt(TARGETS["shapes"], shapes[:last] + b"\xff" * 4 + shapes[last + 4 :])
    assert not attempt(TARGETS["shapes"], shapes[:-12] + b"\xff" * 12)
    assert not attempt(TARGETS["shapes"], shapes[:-24] + b"\xff\xff" + shapes[-22:])


def repacked(**changed: np.ndarray | None) -> bytes:
    with np.load(io.BytesIO(TARGETS["decider"].seeds()[0]), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file}
    arrays |= {name: array for name, array in changed.items() if array is not None}
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    "changed",
    [
        {"first_feature": np.full((30, 3), 32000, dtype=np.int16)},
        {"first_feature": np.full((30, 3), -1, dtype=np.int16)},
        {"first_value": np.zeros((30, 5), dtype=np.float32)},
        {"second_threshold": np.zeros((1, 3), dtype=np.float32)},
        {"second_value": np.zeros(4, dtype=np.float32)},
        {"calibration": np.zeros(2, dtype=np.float32)},
        {"detect_bounds": np.zeros(9, dtype=np.float32)},
        {"detect_spots": np.zeros((1, 1), dtype=np.float32)},
        {"first_bias": np.array("x")},
    ],
)
def test_forests_that_do_not_fit(changed: dict[str, np.ndarray]) -> None:
    assert attempt(TARGETS["decider"], repacked())
    assert not attempt(TARGETS["decider"], repacked(**changed))


def test_an_archive_that_is_none_or_too_large() -> None:
    """zipfile, zlib and numpy have errors of their own, and an archive of a kilobyte can ask for a terabyte."""
    good = TARGETS["decider"].seeds()[1]
    assert not attempt(TARGETS["decider"], good[: len(good) // 2])
    assert not attempt(TARGETS["decider"], good.replace(b"first_feature.npy", b"first_feature.npz"))
    lone = io.BytesIO()
    np.save(lone, np.zeros(3))
    assert not attempt(TARGETS["decider"], lone.getvalue())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("calibration.npy", bytes(80 << 20))
    assert len(stream.getvalue()) < 1 << 20
    with pytest.raises(TableError, match="too large when unpacked"):
        TARGETS["decider"].run(stream.getvalue())


def test_an_object_array_is_not_unpickled() -> None:
    stream = io.BytesIO()
    np.savez(stream, calibration=np.array([print], dtype=object))
    with pytest.raises(TableError):
        TARGETS["decider"].run(stream.getvalue())


@pytest.mark.parametrize("name", ["components", "variants", "weights", "judge"])
@pytest.mark.parametrize("data", [b"", b"#", b"#\n#", b"\xff", b"a\tb", b"\n\n"])
def test_tables_of_nothing(name: str, data: bytes) -> None:
    attempt(TARGETS[name], data)


# --- ledgers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE files SET path = 'text' || path",
        "UPDATE files SET size = 'much'",
        "UPDATE files SET input_sha256 = x'ff'",
        "UPDATE edits SET contexts = '['",
        "UPDATE edits SET contexts = '[[1]]'",
        "UPDATE edits SET evidence = '[1, 2]'",
        "UPDATE edits SET kind = 'magic'",
        "UPDATE edits SET start = 'x'",
        "UPDATE edits SET \"line\" = x'ff'",
        "UPDATE edits SET observed = CAST(x'ff' AS TEXT)",
        "DROP TABLE edits",
    ],
)
def test_a_ledger_that_somebody_wrote_in(sql: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    import sqlite3

    path = tmp_path_factory.mktemp("ledger") / "ledger"
    path.write_bytes(seeds.ledgers()[0])
    with sqlite3.connect(path) as db:
        db.execute(sql)
    db.close()
    assert not attempt(TARGETS["ledger"], path.read_bytes())


@pytest.mark.parametrize(("old", "new"), [("重庆的".encode(), b"\xff" * 9), (b"text", b"te\xfft")])
def test_a_parquet_file_that_is_not_utf8(old: bytes, new: bytes) -> None:
    data = TARGETS["parquet"].seeds()[0]
    assert old in data
    assert not attempt(TARGETS["parquet"], data.replace(old, new))
