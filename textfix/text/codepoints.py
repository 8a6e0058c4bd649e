"""Strings as arrays of code points: the form in which everything is looked at once, at C speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CodePoints", "decode", "encode"]

CodePoints = NDArray[np.uint32]


def encode(text: str) -> CodePoints:
    """`text` as code points, shape ``(len(text),)``. Lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def decode(codes: CodePoints) -> str:
    """The string of an array of code points; the inverse of `encode`."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
