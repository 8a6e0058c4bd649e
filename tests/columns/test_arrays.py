"""Columns: the same kind of column back, every value as the library repairs it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textfix
import textfix.columns
from textfix.errors import OptionError

TEXTS = ["加强硏究工作", None, "", "扎实做好", "各项重点彳壬务", "加强硏究工作", "2022年5月31日"]
CLEAN = [None if text is None else textfix.clean(text) for text in TEXTS]
TYPES = [
    pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.large_string()),
]  # fmt: skip


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_arrays_of_every_type(type_: pa.DataType) -> None:
    array = pa.array(TEXTS, type=type_)
    out = textfix.columns.clean(array)
    assert out.type == type_
    assert out.to_pylist() == CLEAN
    out, edits = textfix.columns.clean(array, edits=True)
    assert out.to_pylist() == CLEAN
    assert len(edits) == len(array)
    for text, made in zip(TEXTS, edits.to_pylist(), strict=True):
        if text is None:
            assert made is None
            continue
        expected = [edit.to_dict() for edit in textfix.repair(text).edits]
        assert [row | {"evidence": json.loads(row["evidence"])} for row in made] == expected


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_chunks_stay(type_: pa.DataType) -> None:
    parts = [pa.array(part, type=type_) for part in (TEXTS[:2], [], TEXTS[2:])]
    chunked = pa.chunked_array(parts, type=type_)
    out, edits = textfix.columns.clean(chunked, edits=True)
    assert out.type == type_
    assert [len(chunk) for chunk in out.chunks] == [len(chunk) for chunk in edits.chunks] == [2, 0, 5]
    assert out.to_pylist() == CLEAN
    empty = textfix.columns.clean(pa.chunked_array([], type=type_))
    assert (empty.num_chunks, empty.type) == (0, type_)


def test_a_slice_is_a_column() -> None:
    array = pa.array(TEXTS)[2:5]
    assert textfix.columns.clean(array).to_pylist() == CLEAN[2:5]
    whole = pa.array(TEXTS).dictionary_encode()[4:]
    assert textfix.columns.clean(whole).to_pylist() == CLEAN[4:]


@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]", "category", pd.ArrowDtype(pa.string())])
def test_pandas(dtype: Any) -> None:
    series = pd.Series(TEXTS, index=list("abcdefg"), name="text", dtype=dtype)
    out, edits = textfix.columns.clean(series, edits=True)
    assert (out.name, list(out.index)) == ("text", list("abcdefg"))
    assert out.dtype == series.dtype or dtype == "category"
    assert str(out.dtype) == str(series.dtype)
    assert [None if pd.isna(value) else value for value in out] == CLEAN
    assert [None if value is None else len(value) for value in edits] == [1, None, 0, 0, 1, 1, 0]
    assert textfix.columns.clean(series[:0]).dtype == series.dtype or dtype == "category"


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_polars(dtype: Any) -> None:
    series = pl.Series("text", TEXTS).cast(dtype)
    out, edits = textfix.columns.clean(series, edits=True)
    assert (out.name, out.dtype, out.to_list()) == ("text", dtype, CLEAN)
    assert edits.to_list()[1] is None
    assert edits.to_list()[0][0]["replacement"] == "研"
    assert textfix.columns.clean(series).to_list() == CLEAN


def test_options_and_repairers() -> None:
    array = pa.array(["加强硏究,工作"])
    assert textfix.columns.clean(array, only="width").to_pylist() == ["加强硏究，工作"]
    repairer = textfix.Repairer(textfix.Options.of(skip="width"))
    assert textfix.columns.clean(array, repairer=repairer).to_pylist() == ["加强研究,工作"]
    assert textfix.columns.clean(array, repairer=repairer, protect=["硏究"]).to_pylist() == ["加强硏究,工作"]


@pytest.mark.parametrize(
    "column", [pa.array([1, 2]), pa.array([b"a"]), pd.Series([1.5]), pl.Series([1]), ["文"], None, pa.array([["文"]])]
)
def test_what_holds_no_texts(column: Any) -> None:
    with pytest.raises(OptionError, match="column"):
        textfix.columns.clean(column)


@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.none() | st.text(alphabet="加强硏究彳壬务,。 \n2a", max_size=12), max_size=6), st.integers(0, 6))
def test_row_by_row_as_the_library(texts: list[str | None], cut: int) -> None:
    chunked = pa.chunked_array([texts[:cut], texts[cut:]], type=pa.string())
    expected = [None if text is None else textfix.clean(text) for text in texts]
    assert textfix.columns.clean(chunked).to_pylist() == expected
    assert textfix.columns.clean(chunked.combine_chunks().dictionary_encode()).to_pylist() == expected
