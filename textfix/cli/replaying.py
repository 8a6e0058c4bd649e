"""``clean --replay`` and ``--undo``: the edits of a journal made again, or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..files import read_pieces
from ..journal import Section, apply_section, digest_of
from .containers import display_name
from .passes import Pass
from .streams import STDIN, pieces

__all__ = ["Replaying"]


@dataclass(slots=True, kw_only=True)
class Replaying(Pass):
    """Makes the edits of a journal again, or undoes them. Files are known by their digests, not by their names."""

    sections: Sequence[Section]
    undo: bool

    def one(self, name: str) -> None:
        """Take one file from the one state to the other."""
        section = self._section(name)
        self.found |= section.changes > 0
        for piece in apply_section(section, pieces(name), display_name(name), undo=self.undo):
            self.output.write(piece, changed=section.changes > 0)

    def _section(self, name: str) -> Section:
        known = ", ".join(section.name for section in self.sections) or "no file"
        if name == STDIN or not Path(name).is_file():
            if len(self.sections) != 1:
                raise InputError(f"{display_name(name)}: the journal is about {known}; which of them is this?")
            return self.sections[0]
        given = digest_of(read_pieces(name))
        for section in self.sections:
            if given == (section.after if self.undo else section.before):
                return section
        if any(given == (section.before if self.undo else section.after) for section in self.sections):
            done = "is as it was before these edits" if self.undo else "has these edits already"
            raise InputError(f"{display_name(name)}: {done}; there is nothing to do")
        state = "what the edits made of any file" if self.undo else "a file that the edits were made from"
        raise InputError(
            f"{display_name(name)}: is not {state} (sha256 {given.sha256[:12]}…); the journal is about {known}"
        )
