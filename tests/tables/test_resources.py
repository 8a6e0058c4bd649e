"""Where the shipped tables are found: in a checkout, in a wheel, in a zip file, or nowhere."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from textfix.errors import TableError
from textfix.tables import resources


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def package(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Take the package to lie at `place`."""
    monkeypatch.setattr(resources, "_PACKAGE", place)
    resources.confusables_dir.cache_clear()


@pytest.fixture(autouse=True)
def _found_again() -> object:
    yield
    resources.confusables_dir.cache_clear()


def zipped(path: Path, **files: bytes) -> Path:
    with ZipFile(path, "w") as archive:
        archive.writestr("textfix/__init__.py", b"")
        for name, data in files.items():
            archive.writestr(f"textfix/confusables/{name}", data)
    return path


def test_a_wheel_has_them_inside_a_checkout_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tmp_path / "confusables"
    beside.mkdir()
    package(monkeypatch, tmp_path / "textfix")
    assert resources.confusables_dir() == beside
    inside = tmp_path / "textfix" / "confusables"
    inside.mkdir(parents=True)
    package(monkeypatch, tmp_path / "textfix")
    assert resources.confusables_dir() == inside


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TableError, match=r"no-such\.tsv is missing from .*confusables; reinstall textfix"):
        resources.resource("no-such.tsv")
    package(monkeypatch, tmp_path / "textfix")
    with pytest.raises(TableError, match=r"confusables/ is missing beside .*; reinstall textfix"):
        resources.confusables_dir()


def test_a_zip_file_is_unpacked_once(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "textfix.zip", a=b"one", b=b"two")
    package(monkeypatch, archive / "textfix")
    place = resources.confusables_dir()
    assert place.is_relative_to(temporary)
    assert place.parent.parent.name == f"textfix-{os.getuid()}-" + place.parent.parent.name[-16:]
    assert {p.name: p.read_bytes() for p in place.iterdir()} == {"a": b"one", "b": b"two"}
    assert resources.resource("a") == place / "a"
    assert len(list(temporary.iterdir())) == 1  # nothing half done is left

    place.joinpath("a").write_bytes(b"mine")
    package(monkeypatch, archive / "textfix")
    assert resources.confusables_dir() == place
    assert place.joinpath("a").read_bytes() == b"mine"  # it was there, so it was used as it is


def test_another_content_has_another_place(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = set()
    for n, content in enumerate((b"one", b"two", b"one")):
        package(monkeypatch, zipped(tmp_path / f"{n}.zip", a=content) / "textfix")
        places.add(resources.confusables_dir())
    assert len(places) == len(list(temporary.iterdir())) == 2


def test_a_zip_file_without_tables(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(monkeypatch, zipped(tmp_path / "textfix.zip") / "textfix")
    with pytest.raises(TableError, match=r"textfix\.zip holds no textfix/confusables/; zip the content of a wheel"):
        resources.confusables_dir()
    assert not list(temporary.iterdir())


def test_another_process_was_quicker(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "textfix.zip", a=b"one")
    rename = Path.rename

    def beaten(fresh: Path, place: Path) -> Path:
        (place / "textfix" / "confusables").mkdir(parents=True)
        (place / "textfix" / "confusables" / "a").write_bytes(b"theirs")
        return rename(fresh, place)  # fails: the place is taken

    monkeypatch.setattr(Path, "rename", beaten)
    package(monkeypatch, archive / "textfix")
    assert resources.resource("a").read_bytes() == b"theirs"
    assert len(list(temporary.iterdir())) == 1


def test_no_room_to_unpack(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fresh: Path, _place: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    package(monkeypatch, zipped(tmp_path / "textfix.zip", a=b"one") / "textfix")
    with pytest.raises(TableError, match=r"cannot be unpacked to .*No space left on device"):
        resources.confusables_dir()
    assert not list(temporary.iterdir())


@pytest.mark.usefixtures("temporary")
def test_a_place_that_is_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files is everybody's: what another user put there is not trusted."""
    archive = zipped(tmp_path / "textfix.zip", a=b"one")
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    package(monkeypatch, archive / "textfix")
    with pytest.raises(TableError, match="belongs to somebody else; remove it"):
        resources.confusables_dir()
