"""Arrays of texts, and the Series of pandas and polars through them."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from ..edits import Edits
from ..errors import InputError, OptionError
from ..pipeline import Repairer

__all__ = ["EDITS", "check_type", "clean", "clean_chunk"]

#: The type of a list of edits. Evidence is a JSON object.
EDITS = pa.list_(
    pa.struct(
        [
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("observed", pa.string(), nullable=False),
            pa.field("replacement", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("confidence", pa.float64(), nullable=False),
            pa.field("evidence", pa.string(), nullable=False),
        ]
    )
)


def clean(column: Any, repairer: Repairer, edits: bool) -> Any:
    """See `textfix.columns.clean`."""
    if isinstance(column, pa.Array):
        check_type(column.type)
        texts, made = clean_chunk(column, repairer, edits)
    elif isinstance(column, pa.ChunkedArray):
        check_type(column.type)
        pairs = [clean_chunk(chunk, repairer, edits) for chunk in column.chunks]
        texts = pa.chunked_array([text for text, _ in pairs], type=column.type)
        made = pa.chunked_array([made for _, made in pairs], type=EDITS) if edits else None
    else:
        library = type(column).__module__.partition(".")[0]
        if library == "polars" and hasattr(column, "to_arrow"):
            texts, made = _polars(column, repairer, edits)
        elif library == "pandas" and hasattr(column, "index"):
            texts, made = _pandas(column, repairer, edits)
        else:
            raise OptionError(f"a column is a pyarrow array or a pandas or polars Series, not {type(column).__name__}")
    return (texts, made) if edits else texts


def check_type(type_: pa.DataType) -> None:
    """Raise `OptionError` unless arrays of `type_` hold texts."""
    inner = type_.value_type if types.is_dictionary(type_) else type_
    if not (types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)):
        raise OptionError(f"the column holds {type_}, not texts")


def clean_chunk(array: Any, repairer: Repairer, edits: bool) -> tuple[Any, Any]:
    """The texts of one array, of the type that they had, and the edits or None."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        raise InputError(f"the column is damaged: {' '.join(str(error).split())}") from error
    if types.is_dictionary(array.type):
        return _dictionary(array, repairer, edits)
    # Scalars are made one by one: a list of all would hold the column twice.
    repairs = (None if (text := value.as_py()) is None else repairer.repair(text) for value in array)
    if not edits:
        return pa.array((None if r is None else r.text for r in repairs), type=array.type, size=len(array)), None
    texts, made = [], []
    for repair in repairs:
        texts.append(None if repair is None else repair.text)
        made.append(None if repair is None else _rows(repair.edits))
    return pa.array(texts, type=array.type), pa.array(made, type=EDITS)


def _dictionary(array: Any, repairer: Repairer, edits: bool) -> tuple[Any, Any]:
    """Every different value once. Values that become one are one in the new dictionary."""
    used = array.indices.unique().drop_null().sort()
    texts, made = clean_chunk(array.dictionary.take(used), repairer, edits)
    at = pc.index_in(array.indices, value_set=used)
    plain = texts.take(at)
    encoded = plain.dictionary_encode().cast(array.type)
    return encoded, made.take(at) if made is not None else None


def _polars(series: Any, repairer: Repairer, edits: bool) -> tuple[Any, Any]:
    arrow = series.to_arrow()
    _checked(arrow.type, series.dtype)
    texts, made = clean_chunk(arrow, repairer, edits)
    like = type(series)
    back = like(series.name, texts)
    return (
        back if back.dtype == series.dtype else back.cast(series.dtype),
        like(series.name, made) if made is not None else None,
    )


def _pandas(series: Any, repairer: Repairer, edits: bool) -> tuple[Any, Any]:
    try:
        arrow = pa.Array.from_pandas(series)
    except pa.ArrowInvalid as error:
        raise OptionError("the column holds something else than texts") from error
    like = type(series)
    chunks = arrow.chunks if isinstance(arrow, pa.ChunkedArray) else [arrow]
    texts: list[Any] = []
    lists: list[Any] = []
    for chunk in chunks:
        if not types.is_null(chunk.type):
            _checked(chunk.type, series.dtype)
        new, made = clean_chunk(chunk.cast(pa.string()) if types.is_null(chunk.type) else chunk, repairer, edits)
        texts += new.to_pylist()
        lists += made.to_pylist() if made is not None else []
    if str(series.dtype) == "category":  # two values may have become one, hence categories anew
        back = like(texts, index=series.index, name=series.name, dtype="object").astype("category")
    else:
        missing = series.isna().to_numpy()
        values = [old if gone else new for old, new, gone in zip(series, texts, missing, strict=True)]
        back = like(values, index=series.index, name=series.name, dtype=series.dtype)
    return back, like(lists, index=series.index, name=series.name, dtype="object") if edits else None


def _checked(type_: pa.DataType, dtype: Any) -> None:
    try:
        check_type(type_)
    except OptionError:
        raise OptionError(f"the column holds {dtype}, not texts") from None


def _rows(edits: Edits) -> list[dict[str, Any]]:
    rows = [edit.to_dict() for edit in edits]
    for row in rows:
        row["evidence"] = json.dumps(row["evidence"], ensure_ascii=False, sort_keys=True)
    return rows
