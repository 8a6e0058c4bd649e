#!/usr/bin/env python3
"""Build `confusables/components.tsv`: into what a character falls apart, and what its parts look like.

    python scripts/build_components.py            # write the table
    python scripts/build_components.py --check    # exit 1 where the committed table is another

Inputs, at build time only: `ids.txt` (yi-bai/ids, MIT), Unihan's radical numbers (Debian `unicode-data`).

Three kinds of row, told apart by the second column:

⿰ ⿱ ⿲ ⿳ ⿺ ⿸ …   `char` consists of these `pieces` (two or three, in reading order). An operand without a code
              point is written ？. A nested operand of the same direction is also given opened (谢 = 讠射 =
              讠身寸). All characters of GB 2312 but bare radicals that
              ../shared/lm-corpus does not use.
✓             `char` was seen to be printed as these `pieces`, by the learned tables (confusables/learned).
≈             the part `char` is a form of the same Kangxi radical as `pieces` (扌: 手), which may be printed for it.

What else a part may be printed as is a question of shape: see `build_shapes.py`, shapes-parts.bin.
"""

from __future__ import annotations

import bz2
import sys
from collections import defaultdict
from pathlib import Path
from typing import TypeAlias

import glyph_sources as gs

from textfix.tables.confusable import Table

#: An IDS: a character, or an operator with its operands.
Tree: TypeAlias = "str | tuple[str, list[Tree]]"

ARITY = {**dict.fromkeys("⿰⿱⿴⿵⿶⿷⿸⿹⿺⿻⿼⿽㇯", 2), **dict.fromkeys("⿲⿳", 3), "⿾": 1, "⿿": 1}
#: What can come apart in print: side by side, on top of each other, or a frame open to one side.
LOOSE = frozenset("⿰⿱⿲⿳⿸⿹⿺⿵")
UNKNOWN = "？"
#: Too small to be printed alone.
STROKES = frozenset("一丨丶丿乙乚亅")


def parse(ids: str, at: int = 0) -> tuple[Tree, int]:
    """The tree that starts at `at`, and where it ends."""
    char = ids[at]
    if char not in ARITY:
        return char, at + 1
    operands: list[Tree] = []
    at += 1
    for _ in range(ARITY[char]):
        operand, at = parse(ids, at)
        operands.append(operand)
    return (char, operands), at


def spell(tree: Tree) -> str:
    return tree if isinstance(tree, str) else tree[0] + "".join(spell(operand) for operand in tree[1])


class Book:
    """Decompositions of characters into characters."""

    def __init__(self) -> None:
        self.ids = gs.decompositions()
        self.named: dict[str, str] = {}
        for char in sorted(self.ids, key=lambda c: (ord(c) > 0xFFFF, ord(c))):
            for ids in self.ids[char]:
                self.named.setdefault(ids, char)

    def name(self, tree: Tree) -> str:
        """The code point of an operand: itself, the character with that IDS, or `UNKNOWN`."""
        if isinstance(tree, str):
            return tree
        spelled = spell(tree)
        return self.named.get(spelled, UNKNOWN)

    def splits(self, char: str) -> list[tuple[str, str]]:
        """(operator, pieces) of `char`, the form of ids.txt first, then with an operand opened."""
        found: dict[tuple[str, str], None] = {}
        for ids in self.ids.get(char, ()):
            try:
                tree, end = parse(ids)
            except IndexError:
                continue  # ids.txt has ten rows that are no complete sequence
            if end != len(ids) or isinstance(tree, str) or tree[0] not in LOOSE:
                continue
            pieces = [self.name(operand) for operand in tree[1]]
            found[tree[0], "".join(pieces)] = None
            for place, operand in enumerate(tree[1]):
                for opened in self.opened(operand, tree[0]):
                    longer = [*pieces[:place], *opened, *pieces[place + 1 :]]
                    if len(longer) <= 3:
                        found[tree[0], "".join(longer)] = None
        return [row for row in found if row[1].count(UNKNOWN) < len(row[1]) - 1]

    def opened(self, operand: Tree, operator: str) -> list[list[str]]:
        """The operands of an operand in the same direction; of a leaf, through its own first IDS."""
        if isinstance(operand, str):
            ids = self.ids.get(operand, ("",))[0]
            if not ids or ids[0] not in "⿰⿱":
                return []
            operand, _ = parse(ids)
        if isinstance(operand, str) or operand[0] not in "⿰⿱" or (operand[0] != operator and operator != "⿰"):
            return []
        inner = [self.name(part) for part in operand[1]]
        # Down to characters of their own: 谢 = 讠身寸, but not 讠 = 丶㇊.
        return [inner] if all(part in gs.gb2312() and part not in STROKES for part in inner) else []


def radical_forms() -> dict[str, set[str]]:
    """Character → other characters that are nothing but the same Kangxi radical (扌: 手, 龵; Unihan kRSUnicode)."""
    groups: dict[str, set[str]] = defaultdict(set)
    with bz2.open(gs.UNICODE / "Unihan_IRGSources.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkRSUnicode\t" in line:
                code, _, values = line.rstrip("\n").split("\t")
                for value in values.split():
                    radical, _, strokes = value.partition(".")
                    if strokes == "0" and len(code) == 6:
                        groups[radical.rstrip("'")].add(chr(int(code[2:], 16)))
    forms: dict[str, set[str]] = defaultdict(set)
    for group in groups.values():
        for char in group:
            forms[char] |= group - {char}
    return forms


def seen() -> list[tuple[str, str, str]]:
    """What characters were really read as when they fell apart; an ellipsis stands for what lay between."""
    found = {
        (row.intended, "✓", row.observed.replace("…", ""))
        for path in sorted((gs.CONFUSABLES / "learned").glob("*.tsv"))
        for row in Table.load(path)
        if row.kind in ("split", "shift") and len(row.intended) == 1 and row.status != "rejected"
    }
    return sorted(row for row in found if 2 <= len(row[2]) <= 3 and not any(c.isspace() for c in row[2]))


def rows() -> list[tuple[str, str, str]]:
    book = Book()
    table = []
    parts: set[str] = set()
    forms = radical_forms()
    counts = gs.corpus_counts()
    for char in sorted(gs.gb2312()):
        if char in forms and counts.get(char, 0) < 20:
            continue  # a bare radical such as 艹 is in GB 2312 but is nobody's intended character
        for operator, pieces in book.splits(char):
            table.append((char, operator, pieces))
            parts |= set(pieces) - {UNKNOWN}
    table.extend(seen())
    table.extend((part, "≈", form) for part in sorted(parts) for form in sorted(forms.get(part, ())))
    return table


def main() -> int:
    head = [
        "generated by scripts/build_components.py; do not edit",
        "sources: yi-bai/ids (MIT), Unihan (Unicode licence), confusables/learned",
    ]
    data = gs.tsv(head, ("char", "relation", "pieces"), rows())
    return gs.write_or_check(Path("components.tsv"), data, sys.argv)


if __name__ == "__main__":
    sys.exit(main())
