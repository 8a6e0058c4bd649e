"""The file: what is written is read back, and nothing else is taken for it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import InputError, ModelError
from textfix.lm import Model, store

HEAD = store._HEAD.size


def test_a_model_survives_its_file(model: Model, model_file: Path, text: str) -> None:
    ids, _ = model.encode(text)
    mapped = Model.load(model_file)
    mapped.verify()
    np.testing.assert_array_equal(mapped.log_prob(ids), model.log_prob(ids))
    assert mapped.to_bytes() == model_file.read_bytes() == model.to_bytes()
    assert mapped.meta == model.meta


def test_saving_over_a_mapped_model_leaves_it_alive(model: Model, tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.lm"
    model.save(path)
    mapped = Model.load(path)
    ids, _ = model.encode(text)
    path.write_bytes(path.read_bytes())
    Model.load(path).save(path)
    np.testing.assert_array_equal(mapped.log_prob(ids), model.log_prob(ids))


@given(st.data())
def test_truncated_files_are_refused(
    model_file: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = model_file.read_bytes()
    path = tmp_path_factory.mktemp("cut") / "cut.lm"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ModelError, match=r"truncated|corrupt|empty"):
        Model.load(path)


@given(st.data())
def test_a_changed_header_is_refused(
    model_file: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(model_file.read_bytes())
    end = HEAD + struct.unpack_from("<I", damaged, 12)[0]
    damaged[data.draw(st.integers(0, end - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("bad") / "bad.lm"
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match=r"corrupt|not a textfix|format|upgrade"):
        Model.load(path)


@given(st.data())
def test_a_changed_payload_is_found_by_verify(
    model_file: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(model_file.read_bytes())
    start = HEAD + struct.unpack_from("<I", damaged, 12)[0]
    damaged[data.draw(st.integers(start, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("bad") / "bad.lm"
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match=r"payload|vocabulary"):  # no code point is known before anything is verified
        Model.load(path).verify()


def test_foreign_newer_longer_and_missing_files(model_file: Path, tmp_path: Path) -> None:
    whole = model_file.read_bytes()
    path = tmp_path / "x.lm"
    path.write_bytes(b"mmap lm http://kheafield.com/code format version 5\n" * 10)
    with pytest.raises(ModelError, match="not a textfix language model"):
        Model.load(path)
    path.write_bytes(whole + b"more")
    with pytest.raises(ModelError, match="longer"):
        Model.load(path)
    newer = bytearray(whole)
    struct.pack_into("<I", newer, 8, store.VERSION + 1)
    path.write_bytes(newer)
    with pytest.raises(ModelError, match=f"format {store.VERSION + 1}.*upgrade"):
        Model.load(path)
    path.write_bytes(b"")
    with pytest.raises(ModelError, match="empty"):
        Model.load(path)
    with pytest.raises(InputError, match="none"):
        Model.load(tmp_path / "none.lm")
    with pytest.raises(InputError):
        Model.load(tmp_path)


def test_a_whole_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.lm"
    path.write_bytes(store.pack({"a": np.arange(3, dtype=np.uint8)}, {"slots": {}}))
    with pytest.raises(ModelError, match="lacks"):
        Model.load(path)


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.lists(st.integers(0, 255), max_size=70), max_size=4),
    st.sampled_from(["u1", "u2", "u4", "f4"]),
)
def test_arrays_come_back_aligned(
    tmp_path_factory: pytest.TempPathFactory, lists: dict[str, list[int]], dtype: str
) -> None:
    arrays = {name: np.array(values, dtype=dtype) for name, values in lists.items()}
    packed = store.pack(arrays, {"of": "名"})
    assert packed == store.pack(dict(reversed(arrays.items())), {"of": "名"})
    path = tmp_path_factory.mktemp("a") / "a"
    path.write_bytes(packed)
    found, meta = store.unpack(store.view(path), "a")
    store.verify(store.view(path), "a")
    assert meta == {"of": "名"}
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert not found[name].flags.writeable
        assert found[name].ctypes.data % 64 == 0 or not len(array)


def test_only_plain_numbers_are_stored() -> None:
    with pytest.raises(ModelError, match="int64"):
        store.pack({"a": np.arange(3)}, {})


def test_the_header_checksum_is_the_documented_one(model_file: Path) -> None:
    whole = model_file.read_bytes()
    magic, version, length, size, payload, header = struct.unpack("<8sIIQII", whole[:HEAD])
    assert (magic, version, size) == (b"textfixL", store.VERSION, len(whole))
    assert payload == zlib.crc32(whole[HEAD + length :])
    assert header == zlib.crc32(whole[:28] + whole[HEAD : HEAD + length])
