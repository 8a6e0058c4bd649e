"""Where the shipped resources are: `confusables/` beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..errors import TableError

__all__ = ["confusables_dir", "resource"]

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def confusables_dir() -> Path:
    """The folder of shipped tables and models. Raises `TableError` where an installation lost it."""
    for place in (_PACKAGE / "confusables", _PACKAGE.parent / "confusables"):
        if place.is_dir():
            return place
    raise TableError(f"the folder confusables/ is missing beside {_PACKAGE}; reinstall textfix")


def resource(name: str) -> Path:
    """The path of the shipped resource `name`, relative to `confusables/`."""
    path = confusables_dir() / name
    if not path.is_file():
        raise TableError(f"the shipped resource {name} is missing from {confusables_dir()}; reinstall textfix")
    return path
