"""What a batch does to a file: a recipe, which every worker builds once, and what becomes of a file by it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..review import Proposal

__all__ = ["Convert", "Converted", "Recipe", "fingerprint", "sha256"]


@dataclass(frozen=True, slots=True)
class Converted:
    """A repaired file: its bytes, its length in code points before, what was made and suggested, and a warning."""

    data: bytes
    characters: int
    proposals: tuple[Proposal, ...] = ()
    warning: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many edits of each kind were made."""
        return dict(sorted(Counter(p.edit.kind for p in self.proposals if p.made).items()))


#: Bytes of a file, and its name for messages, to what becomes of them. Raises `TextfixError` for a file it cannot take.
Convert = Callable[[bytes, str], Converted]


class Recipe(Protocol):
    """How files are converted: picklable, and built once in every worker."""

    def build(self) -> Convert:
        """The conversion, with all that it needs loaded."""
        ...

    def describe(self) -> dict[str, Any]:
        """All that the result depends on, as JSON; equal descriptions mean equal results."""
        ...


def sha256(data: bytes) -> str:
    """The SHA-256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(description: dict[str, Any]) -> str:
    """One digest of a recipe's description."""
    return sha256(json.dumps(description, sort_keys=True, ensure_ascii=False).encode())
