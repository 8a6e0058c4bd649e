"""What is measured of each tool: the call that its documentation recommends, fed what it is good at.

A tool is a function that loads it and hands back its tasks. `align` finds the differences of two texts; `repair` and
`clean` take texts and give texts; `rates` gives the character error rate of each pair; `score` the summed
log-probability (natural logarithm) of texts. Only the standard library and the tool itself are at hand here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

Tasks = dict[str, Callable[..., Any]]
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def textfix(model: str | None = None) -> Tasks:
    """`model` is the language model that `score` uses; repairs are made with the shipped one."""
    import textfix
    from textfix.alignment import align
    from textfix.evaluate import Document, evaluate
    from textfix.lm import Model, load_default

    textfix.repair("热身。")
    lm = Model.load(model) if model else load_default()
    held: dict[str, Any] = {}

    def rates(pairs: list[tuple[str, str]]) -> list[float]:
        documents = evaluate(Document(str(n), "", ocr, truth) for n, (ocr, truth) in enumerate(pairs)).documents
        return [d.counts["raw_before"] / d.counts["raw_characters"] for d in documents]

    def repair(texts: list[str]) -> list[str]:
        return [textfix.repair(text).text for text in texts]

    def hold(texts: list[str]) -> list[int]:
        held["ids"] = [lm.encode(text)[0] for text in texts]
        return [len(ids) for ids in held["ids"]]

    return {
        "align": align,
        "repair": repair,
        "clean": repair,
        "rates": rates,
        "score": lambda texts: [float(lm.log_prob(lm.encode(text)[0]).sum(dtype="f8")) for text in texts],
        "hold": hold,
        "score_held": lambda: [float(lm.log_prob(ids).sum(dtype="f8")) for ids in held["ids"]],
    }


def rapidfuzz() -> Tasks:
    from rapidfuzz.distance import Levenshtein

    return {"align": lambda a, b: list(Levenshtein.opcodes(a, b))}


def fast_diff_match_patch() -> Tasks:
    from fast_diff_match_patch import diff

    return {"align": lambda a, b: diff(a, b, timelimit=0)}  # 0: until it is done; with a limit it gives up and guesses


def difflib() -> Tasks:
    from difflib import SequenceMatcher

    # With autojunk every character that makes 1% of the text is no anchor, which in Chinese are the commonest ones.
    return {"align": lambda a, b: SequenceMatcher(None, a, b, autojunk=False).get_opcodes()}


def ftfy() -> Tasks:
    from ftfy import fix_text

    def fix(texts: list[str]) -> list[str]:
        return [fix_text(text) for text in texts]

    return {"repair": fix, "clean": fix}


def opencc() -> Tasks:
    from opencc import OpenCC

    simplify, traditional = OpenCC("t2s"), OpenCC("s2t")
    return {
        "repair": lambda texts: [simplify.convert(text) for text in texts],
        "clean": lambda texts: [traditional.convert(text) for text in texts],
    }


def nfkc() -> Tasks:
    from unicodedata import normalize

    def fold(texts: list[str]) -> list[str]:
        return [normalize("NFKC", text) for text in texts]

    return {"repair": fold, "clean": fold}


def symspellpy(dictionary: str) -> Tasks:
    """`dictionary` has a word and its count a line. jieba cuts the text into words; the long ones are looked up."""
    import jieba
    from symspellpy import SymSpell, Verbosity

    spell = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
    spell.load_dictionary(dictionary, term_index=0, count_index=1, encoding="utf-8")

    jieba.initialize()

    def looked_up(word: str) -> str:
        # A word of two characters is one edit from hundreds of others: it would be exchanged for the commonest.
        if len(word) < 3 or not _HAN.fullmatch(word):
            return word
        return str(spell.lookup(word, Verbosity.TOP, max_edit_distance=1, include_unknown=True)[0].term)

    def correct(text: str) -> str:
        # Lines of a page end anywhere in a word, so they are joined.
        return "".join(map(looked_up, jieba.cut("".join(text.split()))))

    return {"repair": lambda texts: [correct(text) for text in texts]}


def words(sources: list[str], output: str) -> Tasks:
    """Writes the dictionary for symspellpy: jieba's words, with their counts in `sources` where there are any."""
    from collections import Counter
    from pathlib import Path

    import jieba

    def build() -> int:
        lines = (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").splitlines()
        counts = Counter({word: int(count) for word, count, *_ in map(str.split, lines) if _HAN.fullmatch(word)})
        if sources:
            known = set(counts)
            counts = Counter(dict.fromkeys(known, 1))
            for source in sources:
                with Path(source).open(encoding="utf-8") as stream:
                    for line in stream:
                        counts.update(word for word in jieba.cut(line, HMM=False) if word in known)
        Path(output).write_text("".join(f"{word} {count}\n" for word, count in counts.items()), "utf-8")
        return len(counts)

    return {"build": build}


class Named:
    """A KenLM model whose words are other than characters for some of them: digits and letters are classes."""

    def __init__(self, arpa: str, names: dict[str, str]) -> None:
        import kenlm

        self.model = kenlm.Model(arpa)
        self.names = {ord(char): name for char, name in names.items()}

    def line(self, text: str) -> str:
        return text.translate(self.names)

    def score(self, text: str, bos: bool = True, eos: bool = True) -> float:
        return float(self.model.score(self.line(text), bos=bos, eos=eos))

    def perplexity(self, text: str) -> float:
        return float(self.model.perplexity(self.line(text)))


def kenlm(arpa: str, names: dict[str, str]) -> Tasks:
    """`names` are the characters that the model has, and what it calls each."""
    model = Named(arpa, names)
    held: list[str] = []

    def line(text: str) -> str:
        return " ".join([names[char] for char in text if char in names])

    def hold(texts: list[str]) -> None:
        held[:] = [line(text) for text in texts]

    def score(lines: list[str]) -> list[float]:
        return [model.model.score(part, bos=True, eos=False) * math.log(10) for part in lines]

    return {
        "score": lambda texts: score([line(text) for text in texts]),
        "hold": hold,
        "score_held": lambda: score(held),
    }


def pycorrector(arpa: str, names: dict[str, str]) -> Tasks:
    """The n-gram mode, with its own detection, candidates and thresholds, and a model of the same text as textfix's."""
    import sys
    from importlib.util import find_spec
    from types import ModuleType

    spec = find_spec("pycorrector")
    assert spec is not None
    package = ModuleType("pycorrector")  # without its head, which imports the neural modes and so torch
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules["pycorrector"] = package
    from pycorrector.corrector import Corrector

    corrector = Corrector(language_model_path=arpa)
    corrector.correct("热身。")
    corrector.lm = Named(arpa, {char: name for char, name in names.items() if char != name})

    def correct(text: str) -> str:
        # Lines of a page end anywhere in a word, so they are joined.
        return str(corrector.correct("".join(text.split()))["target"])

    return {"repair": lambda texts: [correct(text) for text in texts]}


def jiwer() -> Tasks:
    from jiwer import cer

    return {"rates": lambda pairs: [cer(truth, ocr) for ocr, truth in pairs]}


def dinglehopper() -> Tasks:
    from dinglehopper import character_error_rate

    return {"rates": lambda pairs: [character_error_rate(truth.strip(), ocr.strip()) for ocr, truth in pairs]}


TOOLS: dict[str, Callable[..., Tasks]] = {
    "textfix": textfix,
    "rapidfuzz": rapidfuzz,
    "fast-diff-match-patch": fast_diff_match_patch,
    "difflib": difflib,
    "ftfy": ftfy,
    "opencc": opencc,
    "nfkc": nfkc,
    "symspellpy": symspellpy,
    "words": words,
    "kenlm": kenlm,
    "pycorrector": pycorrector,
    "jiwer": jiwer,
    "dinglehopper": dinglehopper,
}
