#!/usr/bin/env python3
"""Build `confusables/variants.tsv`: forms of a character that simplified text writes in one way only.

    python scripts/build_variants.py            # write the table
    python scripts/build_variants.py --check    # exit 1 where the committed table is another

Inputs, all at build time only: Unihan and `EquivalentUnifiedIdeograph.txt` (Debian package `unicode-data`,
Unicode licence), `ids.txt` (yi-bai/ids, MIT), OpenCC's dictionaries (Apache-2.0), and counts of characters in
../shared/lm-corpus, which only ever take rows away.

A row says: `observed` is, in simplified text, another form of `intended`. The rules, in this order:

radical      Kangxi and CJK radicals: the unified ideograph that Unicode declares equivalent
compat       compatibility ideographs: their canonical decomposition
traditional  traditional → simplified as OpenCC has it, where Unihan knows no other simplified form
shinjitai    the Japanese simplification of a character: to the traditional one and from there as above
z-variant    Unihan kZVariant
semantic     Unihan kSemanticVariant, kSpecializedSemanticVariant where there is exactly one common target
component    the same IDS, or the same but for an old printed form of one component (淸 and 清 are 氵青)

The target is in GB 2312 or in the Table of General Standard Characters (kTGH). The source is in neither, and does
not stand in real use in the corpus: at most a twentieth as often as its target and, unless it is a traditional or
Japanese form (misprints, there), at most once in a million characters. Radicals are excepted: where they stand in
text, a PDF extractor put them. Rows are closed: no target is a source.
"""

from __future__ import annotations

import bz2
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

import glyph_sources as gs
import opencc

#: Old printed forms that Unihan relates to nothing. Applied to whole characters and to components of IDS strings
#: (ids.txt itself writes most components in today's form, so that 淸 and 清 have one IDS).
OLD_FORMS = {
    "靑": "青", "兪": "俞", "尙": "尚", "呉": "吴", "旣": "既", "卽": "即", "郞": "郎", "毎": "每", "歩": "步",
    "黒": "黑", "曽": "曾", "飠": "饣", "訁": "讠", "釒": "钅", "糹": "纟", "巻": "卷", "溫": "温", "昻": "昂",
}  # fmt: skip
#: Rows of Unihan that are not the same character in simplified text: units, 二噁英, characters with a
#: life of their own.
NOT_THE_SAME = frozenset("吋呎哩牠妳祢袮噁")


def unihan() -> dict[str, dict[str, str]]:
    """Field → character → its variants, of Unihan_Variants.txt."""
    table: dict[str, dict[str, str]] = defaultdict(dict)
    with bz2.open(gs.UNICODE / "Unihan_Variants.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("U+"):
                code, field, value = line.rstrip("\n").split("\t")
                # A leading source list such as <kMatthews follows the code point; the same code may repeat.
                targets = [chr(int(word.split("<")[0][2:], 16)) for word in value.split()]
                table[field][chr(int(code[2:], 16))] = "".join(dict.fromkeys(targets))
    return table


def equivalents() -> dict[str, str]:
    """Radical → unified ideograph, of EquivalentUnifiedIdeograph.txt (strokes left out)."""
    table = {}
    for line in (gs.UNICODE / "EquivalentUnifiedIdeograph.txt").read_text("utf-8").splitlines():
        fields = line.split("#")[0].split(";")
        if len(fields) == 2:
            first, _, last = fields[0].strip().partition("..")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                if not 0x31C0 <= code <= 0x31EF:
                    table[chr(code)] = chr(int(fields[1], 16))
    return table


class Resolver:
    """Decides for one character at a time; see the rules at the head of this file."""

    def __init__(self) -> None:
        self.common = gs.gb2312() | gs.general_standard()
        self.counts = gs.corpus_counts()
        self.million = sum(self.counts.values()) / 1e6
        self.unihan = unihan()
        self.equivalents = equivalents()
        self.to_simplified = opencc.OpenCC("t2s").convert
        self.to_traditional = opencc.OpenCC("jp2t").convert
        self.ids = gs.decompositions()
        self.by_ids: dict[str, list[str]] = defaultdict(list)
        for char in sorted(self.common):
            for ids in self.ids.get(char, ()):
                self.by_ids[ids].append(char)

    def resolve(self, char: str) -> tuple[str, str] | None:
        """(intended, source) of `char`, or None where it is no variant or no safe one."""
        if char in self.equivalents:
            found = self.settle(self.equivalents[char])
            return (found, "radical") if found else None
        if unicodedata.decomposition(char) and unicodedata.category(char) == "Lo":
            found = self.settle(unicodedata.normalize("NFKC", char))
            return (found, "compat") if found else None
        if char in self.common:
            return None
        for source, rule in (
            ("traditional", self.simplified),
            ("shinjitai", self.shinjitai),
            ("z-variant", lambda c: self.related(c, "kZVariant")),
            ("semantic", lambda c: self.related(c, "kSemanticVariant")),
            ("semantic", lambda c: self.related(c, "kSpecializedSemanticVariant")),
            ("component", self.component),
        ):
            targets = rule(char)
            if len(targets) > 1:
                targets = targets & gs.gb2312()
            if len(targets) == 1:
                (target,) = targets
                return (target, source) if self.safe(char, target, source) else None
            if targets:  # ambiguous: which one was meant is for the context to say
                return None
        return None

    def settle(self, char: str) -> str | None:
        """The common form of a character that a radical or compatibility form stands for."""
        if char in self.common:
            return char
        found = self.resolve(char)
        return found[0] if found else None

    def simplified(self, char: str) -> set[str]:
        target = self.to_simplified(char)
        known = set(self.unihan["kSimplifiedVariant"].get(char, "")) & self.common
        if target != char and target in self.common:
            return {target} | (known & gs.gb2312())
        return known

    def shinjitai(self, char: str) -> set[str]:
        old = self.to_traditional(char)
        return (self.simplified(old) or {old} & self.common) if old != char else set()

    def related(self, char: str, field: str) -> set[str]:
        """Common targets of a field, where need be through the simplified form of the related character."""
        found = set()
        for other in self.unihan[field].get(char, ""):
            if other in self.common:
                found.add(other)
            else:
                found |= self.simplified(other)
        return found

    def component(self, char: str) -> set[str]:
        if char in OLD_FORMS:
            return {OLD_FORMS[char]}
        found: set[str] = set()
        for ids in self.ids.get(char, ()):
            found |= set(self.by_ids.get(ids, ()))
            for old, new in OLD_FORMS.items():
                found |= set(self.by_ids.get(ids.replace(old, new), ()))
        return found

    def safe(self, char: str, target: str, source: str) -> bool:
        count = self.counts.get(char, 0)
        limit = self.counts.get(target, 0) / 20
        if source not in ("traditional", "shinjitai"):
            limit = min(limit, self.million)
        return count <= limit and char not in NOT_THE_SAME


def rows() -> list[tuple[str, str, str]]:
    resolver = Resolver()
    codes = (*range(0x2E80, 0x2FE0), *range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
    found = []
    for code in codes:
        char = chr(code)
        result = resolver.resolve(char) if unicodedata.category(char) != "Cn" else None
        if result and result[0] != char:
            found.append((char, *result))
    closed = {char for char, _, _ in found}
    return [row for row in found if row[1] not in closed]


def main() -> int:
    head = [
        "generated by scripts/build_variants.py; do not edit",
        "sources: Unihan, EquivalentUnifiedIdeograph (Unicode licence), OpenCC (Apache-2.0), yi-bai/ids (MIT)",
    ]
    return gs.write_or_check(Path("variants.tsv"), gs.tsv(head, ("observed", "intended", "source"), rows()), sys.argv)


if __name__ == "__main__":
    sys.exit(main())
