"""OCR texts and their truths, found by the names of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..files import display

__all__ = ["Document", "Names", "find_pairs"]

_OCR, _TRUTH = ".ocr.txt", ".gt.txt"


@dataclass(frozen=True, slots=True)
class Document:
    """An OCR text and its truth. `name` says which document it is, `group` which set it stands in.

    The same document may stand in several sets (other engines, other scans): intervals are over documents.
    """

    name: str
    group: str
    ocr: str
    truth: str


@dataclass(frozen=True, slots=True)
class Names:
    """The files of a `Document`."""

    name: str
    group: str
    ocr: str
    truth: str


def find_pairs(ocr: str, truth: str | None = None) -> tuple[list[Names], list[str]]:
    """The pairs of two files or two folders, ordered by name, and the OCR files without a truth.

    In folders ``ID.ocr.txt`` goes with ``ID.gt.txt``, in the same folder where `truth` is not given; failing that, a
    file goes with the file of the same name. Subfolders are sets. Raises `InputError` where nothing is found.
    """
    here = Path(ocr)
    if not here.is_dir():
        if truth is None:
            raise InputError(f"{display(ocr)}: name its truth, too, or a folder with NAME{_OCR} and NAME{_TRUTH}")
        there = Path(truth)
        if there.is_dir():
            raise InputError(f"{display(truth)}: is a folder, but {display(ocr)} is not")
        return [Names(_name(here), "", ocr, truth)], []
    there = here if truth is None else Path(truth)
    if not there.is_dir():
        raise InputError(f"{display(there)}: no such folder")
    return _in_folders(here, there)


def _in_folders(here: Path, there: Path) -> tuple[list[Names], list[str]]:
    found: list[Names] = []
    lonely: list[str] = []
    for path in sorted(p for p in here.rglob("*") if p.is_file()):
        place = path.relative_to(here)
        group = "" if place.parent == Path() else place.parent.as_posix()
        marked = path.name.endswith(_OCR)
        name = path.name.removesuffix(_OCR)
        truths = [there / place.with_name(name + _TRUTH)] if marked else []
        if here != there:
            truths.append(there / place)
        match = next((t for t in truths if t.is_file()), None)
        if match is not None:
            # ID.ocr.txt names a document, in whichever set it stands; any other name is one only with its folder
            found.append(Names(name if marked else place.as_posix(), group, str(path), str(match)))
        elif marked or here != there:
            lonely.append(str(path))
    if not found:
        wanted = f"NAME{_OCR} beside a NAME{_TRUTH}" if here == there else "file with a truth of its name"
        raise InputError(f"{display(here)}: no {wanted}" + ("" if here == there else f" in {display(there)}"))
    return found, lonely


def _name(path: Path) -> str:
    return path.name.removesuffix(_OCR)
