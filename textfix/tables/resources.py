"""Where the shipped resources are: `confusables/` beside the package in a checkout, inside it in a wheel.

A package that is imported from a zip file (Spark's ``--py-files``) has no files to map. Its tables are unpacked once
into the folder for temporary files, under a name that tells their content, and found there from then on.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ..errors import TableError

__all__ = ["confusables_dir", "resource"]

_PACKAGE = Path(__file__).resolve().parent.parent
_INSIDE = "textfix/confusables/"


@cache
def confusables_dir() -> Path:
    """The folder of shipped tables and models. Raises `TableError` where an installation lost it."""
    for place in (_PACKAGE / "confusables", _PACKAGE.parent / "confusables"):
        if place.is_dir():
            return place
    if _PACKAGE.parent.is_file():
        return _unpacked(_PACKAGE.parent)
    raise TableError(f"the folder confusables/ is missing beside {_PACKAGE}; reinstall textfix")


def resource(name: str) -> Path:
    """The path of the shipped resource `name`, relative to `confusables/`."""
    path = confusables_dir() / name
    if not path.is_file():
        raise TableError(f"the shipped resource {name} is missing from {confusables_dir()}; reinstall textfix")
    return path


def _unpacked(archive: Path) -> Path:
    """The tables of the zip file `archive`, in a folder of this user's that other processes share."""
    import hashlib
    import shutil
    import tempfile
    from zipfile import ZipFile

    with ZipFile(archive) as file:
        members = [item for item in file.infolist() if item.filename.startswith(_INSIDE) and not item.is_dir()]
        if not members:
            raise TableError(f"{archive} holds no {_INSIDE}; zip the content of a wheel of textfix")
        content = "\n".join(sorted(f"{item.CRC} {item.file_size} {item.filename}" for item in members))
        name = f"textfix-{os.getuid()}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        place = Path(tempfile.gettempdir(), name)
        if not place.exists():
            fresh = Path(tempfile.mkdtemp(prefix="textfix-"))
            try:
                file.extractall(fresh, members)
                try:
                    fresh.rename(place)  # whole or not at all; who comes second uses what is there
                except OSError:
                    if not place.is_dir():
                        raise
            except OSError as error:
                raise TableError(f"the tables in {archive} cannot be unpacked to {place}: {error}") from error
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    if place.stat().st_uid != os.getuid():
        raise TableError(f"{place} belongs to somebody else; remove it")
    return place / _INSIDE.rstrip("/")
