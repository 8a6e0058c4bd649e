"""A column of a Parquet file, row group by row group."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import InputError, OptionError, brief
from ..files import Replacement, display
from ..pipeline import Repairer
from .arrays import EDITS, check_type, clean_chunk

__all__ = ["Done", "clean_parquet"]

#: Rows that are read, and repaired by one process, at a time.
_ROWS = 256
#: A row group is written when it holds so many bytes of Arrow arrays.
_BYTES = 32 << 20
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: `rows` of the file, how many of them were `changed`, `characters` that were read."""

    rows: int
    changed: int
    characters: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows that belong together, and whether they are the last of their row group."""

    batch: Any
    last: bool


def clean_parquet(
    source: Path,
    target: Path,
    column: str,
    repairer: Repairer,
    *,
    edits: str | None,
    jobs: int,
    watch: Callable[[int, int], None] | None,
) -> Done:
    """See `textfix.columns.clean_parquet`."""
    if jobs < 1:
        raise OptionError(f"jobs must be at least 1, not {jobs}")
    with _opened(source) as file, _errors_named(display(source)):
        schema = file.schema_arrow
        _check(schema, column, edits, display(source))
        if edits is not None:
            schema = schema.append(pa.field(edits, EDITS))
        replacement = Replacement(target)
        try:
            with (
                pa.PythonFile(_Sink(replacement), mode="w") as sink,
                pq.ParquetWriter(sink, schema, compression=_compression(file)) as writer,
            ):
                done = _copy(file, display(source), writer, column, repairer, edits is not None, jobs, watch)
            replacement.commit()
        finally:
            replacement.discard()
    return done


def _opened(source: Path) -> Any:
    try:
        return pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False)
    except OSError as error:
        raise InputError(f"{display(source)}: {error.strerror or _one_line(error)}") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise InputError(f"{display(source)}: not a Parquet file: {_one_line(error)}") from error


@contextmanager
def _errors_named(name: str) -> Iterator[None]:
    """What Arrow cannot do with a file becomes an `InputError`: damage comes out at any step."""
    try:
        yield
    except pa.ArrowException as error:
        raise InputError(f"{name}: {_one_line(error)}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: holds a name that is not UTF-8") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _check(schema: Any, column: str, edits: str | None, name: str) -> None:
    names = schema.names
    if names.count(column) != 1:
        raise OptionError(f"{name} has no column {column!r}; it has {brief(', '.join(names))}")
    check_type(schema.field(column).type)
    if edits in names:
        raise OptionError(f"{name} has a column {edits!r} already")


def _compression(file: Any) -> dict[str, str] | str:
    """The codecs of the first row group, by column."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    columns = (group.column(i) for i in range(group.num_columns))
    return {c.path_in_schema: "none" if c.compression == "UNCOMPRESSED" else c.compression for c in columns}


def _copy(
    file: Any, name: str, writer: Any, column: str, repairer: Repairer, edits: bool, jobs: int,
    watch: Callable[[int, int], None] | None,
) -> Done:  # fmt: skip
    rows = changed = characters = held = 0
    waiting: list[Any] = []
    for piece, (texts, made) in _repaired(_pieces(file, name), column, repairer, edits, jobs):
        batch = piece.batch
        if batch is not None:
            place = batch.schema.get_field_index(column)
            old, new = batch.column(place), [*batch.columns]
            new[place] = texts
            new += [made] if edits else []
            waiting.append(pa.RecordBatch.from_arrays(new, schema=writer.schema))
            held += waiting[-1].nbytes
            rows += batch.num_rows
            changed += pc.sum(pc.not_equal(_plain(old), _plain(texts))).as_py() or 0
            characters += pc.sum(pc.utf8_length(_plain(old))).as_py() or 0
        if waiting and (piece.last or held >= _BYTES):
            table = pa.Table.from_batches(waiting, writer.schema)
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            waiting, held = [], 0
        if watch is not None:
            watch(rows, file.metadata.num_rows)
    return Done(rows, changed, characters)


def _plain(array: Any) -> Any:
    """Strings without dictionary or view, for which every function is there."""
    return array.cast(pa.large_string())


def _pieces(file: Any, name: str) -> Iterator[_Piece]:
    for group in range(file.num_row_groups):
        batches = file.iter_batches(batch_size=_ROWS, row_groups=[group], use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowException) as error:
                raise InputError(f"{name}: {_one_line(error)}") from error
            yield _Piece(batch, batch is None)
            if batch is None:
                break


def _repaired(
    pieces: Iterable[_Piece], column: str, repairer: Repairer, edits: bool, jobs: int
) -> Iterator[tuple[_Piece, tuple[Any, Any]]]:
    """Every piece with the repaired texts of its column, in order; at most two a process are on their way."""
    if jobs == 1:
        for piece in pieces:
            yield piece, _clean(repairer, piece, column, edits)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(repairer,)) as pool:
        sent: deque[tuple[_Piece, Future[tuple[Any, Any]]]] = deque()
        try:
            for piece in pieces:
                array = None if piece.batch is None else piece.batch.column(column)
                sent.append((piece, pool.submit(_work, array, edits)))
                while len(sent) > 2 * jobs:
                    first, result = sent.popleft()
                    yield first, result.result()
            for first, result in sent:
                yield first, result.result()
        except BrokenProcessPool as error:
            raise InputError("a worker process died, perhaps for want of memory; try fewer with --jobs") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _clean(repairer: Repairer, piece: _Piece, column: str, edits: bool) -> tuple[Any, Any]:
    return (None, None) if piece.batch is None else clean_chunk(piece.batch.column(column), repairer, edits)


_mine: list[Repairer] = []


def _begin(repairer: Repairer) -> None:
    """The start of a worker process."""
    _mine[:] = [repairer]


def _work(array: Any, edits: bool) -> tuple[Any, Any]:
    return (None, None) if array is None else clean_chunk(array, _mine[0], edits)


class _Sink(io.RawIOBase):
    """A `Replacement` as a file to write to; closing it does not commit."""

    def __init__(self, replacement: Replacement) -> None:
        self._replacement = replacement
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        self._replacement.write(block)
        self._size += len(block)
        return len(block)

    def tell(self) -> int:
        return self._size
