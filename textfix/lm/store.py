"""The model file: a header, a directory of named arrays, the arrays, each on a 64-byte boundary; little-endian.

::

    offset  bytes  field
    0       8      magic, b"textfixL"
    8       4      version of the format (uint32)
    12      4      bytes of the directory (uint32)
    16      8      bytes of the whole file (uint64)
    24      4      CRC-32 of the payload, from the first array to the end
    28      4      CRC-32 of bytes 0 to 27 and of the directory
    32      n      directory, JSON: {"arrays": [[name, dtype, shape, offset], ...], "meta": {...}}

The header's checksum is verified whenever a file is opened, the payload's by `verify`.
"""

from __future__ import annotations

import json
import math
import mmap
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ModelError, brief
from ..files import display

__all__ = ["VERSION", "expect", "pack", "unpack", "verify", "view"]

MAGIC = b"textfixL"
VERSION = 1
_HEAD = struct.Struct("<8sIIQII")
_ALIGN = 64
_DTYPES = ("<u1", "<u2", "<u4", "<f4")

Array = NDArray[Any]


def pack(arrays: Mapping[str, Array], meta: Mapping[str, object]) -> bytes:
    """The bytes of a file that holds `arrays` and `meta` (JSON); the same input gives the same bytes."""
    listed: list[list[object]] = []
    blocks: list[bytes] = []
    offset = 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        dtype = "<" + array.dtype.str[1:]
        if dtype not in _DTYPES:
            raise ModelError(f"array {name} is of type {array.dtype}, which a model file does not hold")
        block = array.astype(dtype, copy=False).tobytes()
        listed.append([name, dtype, list(array.shape), offset])
        blocks.append(block + bytes(-len(block) % _ALIGN))
        offset += len(blocks[-1])
    directory = json.dumps({"arrays": listed, "meta": dict(meta)}, sort_keys=True, ensure_ascii=False).encode()
    directory += b" " * (-(len(directory) + _HEAD.size) % _ALIGN)
    payload = b"".join(blocks)
    size = _HEAD.size + len(directory) + len(payload)
    head = _HEAD.pack(MAGIC, VERSION, len(directory), size, zlib.crc32(payload), 0)[:-4]
    return head + struct.pack("<I", zlib.crc32(directory, zlib.crc32(head))) + directory + payload


def view(path: Path) -> memoryview:
    """The file at `path`, memory-mapped read-only. Raises `ModelError` for an empty one, else `InputError`."""
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except ValueError:
        raise ModelError(f"{display(path)} is empty, not a textfix language model") from None
    except OSError as error:
        raise InputError(f"{display(path)}: {error.strerror or error}") from error


def _header(data: memoryview, name: str) -> tuple[int, int]:
    """`(start of the payload, its CRC-32)` after the header has been found in order."""
    if bytes(data[: len(MAGIC)]) != MAGIC[: len(data)]:
        raise ModelError(f"{name} is not a textfix language model")
    if len(data) < _HEAD.size:
        raise ModelError(f"{name} is truncated: {len(data)} bytes are no whole header")
    _, version, length, size, payload_crc, crc = _HEAD.unpack_from(data)
    if version > VERSION:
        raise ModelError(f"{name} has format {version}, this textfix reads up to {VERSION}; upgrade textfix")
    start = _HEAD.size + length
    if len(data) < start or zlib.crc32(data[_HEAD.size : start], zlib.crc32(data[: _HEAD.size - 4])) != crc:
        raise ModelError(f"{name} is corrupt: its header does not match its checksum")
    if len(data) != size:
        state = "truncated" if len(data) < size else "longer than it should be"
        raise ModelError(f"{name} is {state}: {len(data)} bytes instead of {size}")
    return start, payload_crc


def unpack(data: memoryview, name: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """`(arrays, meta)` of a file's bytes, the arrays read-only views. Raises `ModelError`, naming `name`."""
    start, _ = _header(data, name)
    try:
        directory = json.loads(bytes(data[_HEAD.size : start]))
        arrays = {}
        for key, dtype, shape, offset in directory["arrays"]:
            if dtype not in _DTYPES:
                raise ModelError(f"{name} holds an array of an unknown type {brief(dtype)}")
            if not all(type(n) is int and 0 <= n <= len(data) for n in [offset, *shape]):
                raise ModelError(f"{name} holds an array that is not in it: {brief(shape)} at {brief(offset)}")
            count = math.prod(shape)
            arrays[key] = np.frombuffer(data, dtype=dtype, count=count, offset=start + offset).reshape(shape)
        if not isinstance(directory["meta"], dict):
            raise TypeError("meta is no object")
        return arrays, directory["meta"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{name} is malformed: {brief(str(error))}") from error


def expect(arrays: Mapping[str, Array], name: str, dtype: str, *shape: int) -> Array:
    """The array `name`, if it is of that type and shape, where -1 is any length but 0. Raises `ModelError`."""
    array = arrays[name]
    lengths = zip(array.shape, shape, strict=False)
    fits = len(array.shape) == len(shape) and all(n == m or (m == -1 and n) for n, m in lengths)
    if array.dtype != np.dtype(dtype) or not fits:
        given = f"{array.dtype.str} {array.shape}"
        raise ModelError(f"array {brief(name)} is {given} where {dtype} {shape} is wanted; the file is malformed")
    return array


def verify(data: memoryview, name: str) -> None:
    """Read the whole file and raise `ModelError` unless its payload matches its checksum."""
    start, crc = _header(data, name)
    if zlib.crc32(data[start:]) != crc:
        raise ModelError(f"{name} is corrupt: its payload does not match its checksum")
