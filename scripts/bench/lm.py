#!/usr/bin/env python3
"""Measure the language model: size, loading, perplexity, throughput, proposals.

    python scripts/bench/lm.py                # the shipped model
    python scripts/bench/lm.py --curve        # train once, then perplexity at several file sizes
    python scripts/bench/lm.py --kenlm        # beside KenLM on the same n-grams, as `scripts/bench --only lm`

Texts come from ../shared/clean, white space left out. Times are wall clock, best of several; run it on an idle machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from build_lm import CORPUS, MAX_BYTES, WEIGHTS, corpus
from harness import material
from harness.bench import Bench
from harness.process import Answer, race
from harness.rows import Row, as_table

from textfix.lm import BOS, CONTEXT, DIGIT, EOS, LATIN, UNK, UNK_HAN, Model, Vocabulary, load_default
from textfix.lm.counting import ORDER
from textfix.lm.kneser_ney import Level
from textfix.lm.training import estimate, pack
from textfix.lm.vocabulary import SPECIALS, Ids

__all__ = ["Prepared", "policy_text", "prepared", "suite"]

CLEAN = material.SHARED / "clean"
#: Raise it when what `_write` writes changes: what is kept from earlier runs is then made anew.
FILES = 1
KINDS = {"work reports": "gwr", "laws": "law", "plan": "plan"}


def best(action: Callable[[], object], times: int = 7) -> float:
    """The shortest of several runs, in seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        took.append(time.perf_counter() - began)
    return min(took)


def documents() -> dict[str, list[str]]:
    return {
        kind: [path.read_text("utf-8") for path in sorted(CLEAN.glob(f"{prefix}*.txt"))]
        for kind, prefix in KINDS.items()
    }


def whole(texts: dict[str, list[str]]) -> str:
    return "".join(text for parts in texts.values() for text in parts)


def perplexities(score: Callable[[str], NDArray[np.floating]], texts: dict[str, list[str]]) -> dict[str, float]:
    """The perplexity of a character, for each kind of document."""
    found = {}
    for kind, parts in texts.items():
        scores = [score(text) for text in parts]
        total = sum(float(part.sum(dtype=np.float64)) for part in scores)
        found[kind] = float(np.exp(-total / sum(map(len, scores))))
    return found


def shown(figures: dict[str, float], unit: str = "") -> str:
    return "  ".join(f"{name} {value:.2f}{unit}" for name, value in figures.items())


def report(model: Model, texts: dict[str, list[str]]) -> None:
    """All figures of a model."""
    assert model.path is not None
    print(f"{model.path.name}: {model.path.stat().st_size / 1e6:.1f} MB, n-grams by order {model.meta['ngrams']}")
    code = (
        "import sys, time; from textfix.lm import Model; import textfix.lm.proposals\n"
        "began = time.perf_counter(); model = Model.load(sys.argv[1]); model.encode('一'); "
        "print(time.perf_counter() - began)"
    )
    starts = [
        float(subprocess.run([sys.executable, "-c", code, str(model.path)], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    print(f"load, first text encoded: {1000 * min(starts):.1f} ms;  verify: {1000 * best(model.verify, 3):.0f} ms")
    print("perplexity:", shown(perplexities(lambda text: model.log_prob(model.encode(text)[0]), texts)))
    text = whole(texts)
    ids, _ = model.encode(text)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory after {len(ids):,} characters: {peak:.0f} MB, with Python, numpy and the texts")
    throughput(model, text, ids)
    coverage(model, texts)


def throughput(model: Model, text: str, ids: Ids) -> None:
    rng = np.random.default_rng(0)
    places = np.sort(rng.choice(np.arange(CONTEXT, len(ids) - CONTEXT), 5000, replace=False))
    left, right = ids[places[:, None] + np.arange(-CONTEXT, 0)], ids[places[:, None] + np.arange(1, CONTEXT + 1)]
    offered, _ = model.propose(left, right, 32)
    slot = np.repeat(np.arange(len(places)), 32)
    rows = np.concatenate((left[slot], offered.reshape(-1, 1), right[slot]), axis=1)
    n = len(slot)
    rates = {
        "encode": len(text) / best(lambda: model.encode(text)),
        "log_prob": len(ids) / best(lambda: model.log_prob(ids)),
        "score_windows (9, 4)": n / best(lambda: model.score_windows(rows, CONTEXT), 3),
        "slot_columns": n / best(lambda: model.slot_columns(left, right, slot, offered.ravel())),
        "propose 32": len(places) / best(lambda: model.propose(left, right, 32)),
    }
    print("million a second:", shown({name: rate / 1e6 for name, rate in rates.items()}))


def coverage(model: Model, texts: dict[str, list[str]]) -> None:
    """How often a hidden character is among the first 8, 16, 32 proposed; classes are not counted."""
    for kind, parts in texts.items():
        ids, _ = model.encode("".join(parts))
        places = np.arange(CONTEXT, len(ids) - CONTEXT)
        places = places[ids[places] >= SPECIALS]
        found, _ = model.propose(ids[places[:, None] + [-2, -1]], ids[places[:, None] + [1, 2]], 32)
        hit = found == ids[places][:, None]
        shares = {f"first {n}": 100 * float(hit[:, :n].any(axis=1).mean()) for n in (1, 8, 16, 32)}
        print(f"proposed, {kind}:", shown(shares, "%"))


def curve(texts: dict[str, list[str]]) -> None:
    """Perplexity against file size; `inf` is the model without pruning, before quantisation."""
    found = estimate(corpus())
    print(f"{'MB':>6} {'million n-grams':>16}  perplexity")
    unpruned = perplexities(exact(found.levels, found.vocabulary), texts)
    print(f"{'inf':>6} {sum(len(level.keys) for level in found.levels) / 1e6:16.1f}  {shown(unpruned)}", flush=True)
    for limit in (10_000_000, 15_000_000, 20_000_000, 25_000_000, 30_000_000, MAX_BYTES, 40_000_000, 60_000_000):
        proposals = found.proposals(limit)
        model = pack(found.prune(limit - array_bytes(proposals[0])), found.vocabulary, proposals)
        figures = perplexities(lambda text, model=model: model.log_prob(model.encode(text)[0]), texts)
        more = {kind: 100 * (figures[kind] / unpruned[kind] - 1) for kind in figures}
        size = len(model.to_bytes()) / 1e6
        total = sum(model.meta["ngrams"]) / 1e6
        print(f"{size:6.1f} {total:16.1f}  {shown(figures)}   above inf: {shown(more, '%')}", flush=True)


def array_bytes(arrays: dict[str, NDArray[Any]]) -> int:
    return sum(array.nbytes for array in arrays.values())


def exact(levels: list[Level], vocabulary: Vocabulary) -> Callable[[str], NDArray[np.float64]]:
    """Log-probabilities by binary search in the unquantised levels: slow, and without any of the model's code."""

    def score(text: str) -> NDArray[np.float64]:
        ids = np.concatenate(([BOS], vocabulary.encode(text)[0])).astype(np.uint64)
        scores = np.log(np.maximum(levels[0].prob[ids.astype(np.int64)], 1e-30))
        place = ids.astype(np.int64)
        for order in range(2, ORDER + 1):
            level, weights = levels[order - 1], np.log(np.maximum(levels[order - 2].mass, 1e-30))
            keys = ids[order - 1 :].copy()
            for back in range(1, order):
                keys += ids[order - 1 - back : len(ids) - back] * np.uint64(vocabulary.size**back)
            found = np.minimum(np.searchsorted(level.keys, keys), len(level.keys) - 1)
            found[level.keys[found] != keys] = -1
            before = place[order - 2 : -1]
            backed = scores[order - 1 :] + np.where(before >= 0, weights[before], 0)
            scores[order - 1 :] = np.where(found >= 0, np.log(level.prob[found]), backed)
            place = np.concatenate((np.full(order - 1, -1), found))
        return scores[1:]

    return score


@dataclass(frozen=True)
class Prepared:
    """The same n-grams as a model of textfix and, unquantised, as an ARPA file; what the latter calls each character.

    `whole` says whether they are of all of the corpora, as the shipped model is, or of the policy texts alone.
    """

    model: Path
    arpa: Path
    names: dict[str, str]
    whole: bool


def prepared(bench: Bench) -> Prepared | None:
    """Estimate the n-grams, or take those of an earlier run; `None` without ../shared/lm-corpus."""
    names = ["policy"] if bench.quick else list(WEIGHTS)
    sources = [CORPUS / f"{name}.txt.xz" for name in names]
    if not all(path.exists() for path in sources):
        return None
    folder = bench.folder / f"lm-{_key(sources)}"
    files = folder / "model.lm", folder / "model.arpa", folder / "names.json"
    if not files[2].exists():
        bench.say("estimating n-grams for KenLM and pycorrector")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        texts, limit = ([(policy(), 1.0)], MAX_BYTES // 3) if bench.quick else (corpus(), MAX_BYTES)
        _write(*files, texts=texts, limit=limit)
    return Prepared(files[0], files[1], json.loads(files[2].read_text("utf-8")), not bench.quick)


def _write(model: Path, arpa: Path, names: Path, *, texts: Any, limit: int) -> None:
    found = estimate(texts)
    vocabulary, proposals = found.vocabulary, found.proposals(limit)
    levels = found.prune(limit - array_bytes(proposals[0]))
    del found
    model.write_bytes(pack(levels, vocabulary, proposals).to_bytes())
    words = tokens(vocabulary)
    write_arpa(arpa, levels, vocabulary, words)
    ids = vocabulary.table[:0x10000].tolist()
    names.write_text(json.dumps({chr(n): words[i] for n, i in enumerate(ids) if i < vocabulary.size}), "utf-8")


def _key(sources: list[Path]) -> str:
    """Changes when the texts, their weights or the estimation do."""
    known = (FILES, WEIGHTS, MAX_BYTES, [(path.name, path.stat().st_size) for path in sources])
    seen = hashlib.sha256(repr(known).encode())
    for path in sorted((material.ROOT / "textfix" / "lm").glob("*.py")):
        seen.update(path.read_bytes())
    return seen.hexdigest()[:10]


def policy() -> str:
    with lzma.open(CORPUS / "policy.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
        return file.read()


def policy_text(bench: Bench) -> Path | None:
    """The policy texts (a tenth of them in a quick run) as a plain file, or `None` without them."""
    if not (CORPUS / "policy.txt.xz").exists():
        return None
    path = bench.folder / ("policy-quick.txt" if bench.quick else "policy.txt")
    if not path.exists():
        bench.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(policy()[: 300_000 if bench.quick else None], "utf-8")
    return path


def suite(bench: Bench) -> Iterator[Row]:
    """textfix and KenLM on the same n-grams: characters a second and perplexity."""
    model, texts = prepared(bench), documents()
    if model is None or not whole(texts):
        bench.skip("kenlm", "../shared is not there: no texts to estimate a model on")
        return
    if not model.whole:
        bench.note("a model of the policy texts alone (--quick)")
        texts = {kind: parts[:2] for kind, parts in texts.items()}
    config = {"textfix": {"model": str(model.model)}, "kenlm": {"arpa": str(model.arpa), "names": model.names}}
    with bench.open(**config) as tools:
        sums, sizes = {}, {}
        for kind, parts in texts.items():
            sums[kind] = race(tools, "score", turns=1, limit=bench.limit, texts=parts)
            sizes[kind] = tools["textfix"].ask("hold", limit=bench.limit, want=True, texts=parts).result
        reports = texts["work reports"]
        stands = race(tools, "score", turns=bench.turns, limit=bench.limit, want=False, texts=reports)
        race(tools, "hold", turns=1, limit=bench.limit, texts=reports)
        held = race(tools, "score_held", turns=bench.turns, limit=bench.limit, want=False)
    size = sum(sizes["work reports"])
    yield from bench.rates("scores, from the text as it stands", size, stands)
    yield from bench.rates("scores, prepared (ids; words between blanks)", size, held)
    for kind, answers in sums.items():
        total = sum(sizes[kind])
        figures = {
            name: float(np.exp(-sum(answer.result) / total))
            for name, answer in answers.items()
            if isinstance(answer, Answer)
        }
        yield from bench.compare(f"perplexity of {kind}", "", "less", figures)


def tokens(vocabulary: Vocabulary) -> list[str]:
    """What KenLM calls each id."""
    names = {UNK: "<unk>", UNK_HAN: "<han>", BOS: "<s>", EOS: "</s>", DIGIT: "<d>", LATIN: "<l>"}
    return [names[i] for i in range(SPECIALS)] + [chr(code) for code in vocabulary.characters.tolist()]


def write_arpa(path: Path, levels: list[Level], vocabulary: Vocabulary, words: list[str]) -> None:
    """`levels` in the ARPA format."""
    size = np.uint64(vocabulary.size)
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {order}={len(level.keys)}\n" for order, level in enumerate(levels, start=1))
        for order, level in enumerate(levels, start=1):
            file.write(f"\n\\{order}-grams:\n")
            probs = np.log10(np.maximum(level.prob, 1e-30))
            masses = np.log10(np.minimum(level.mass, 1.0)) if order < ORDER else None
            for start in range(0, len(level.keys), 1 << 18):
                rows = slice(start, start + (1 << 18))
                left, columns = level.keys[rows].copy(), []
                for _ in range(order):
                    columns.append([words[i] for i in (left % size).tolist()])
                    left //= size
                grams = [" ".join(gram) for gram in zip(*columns[::-1], strict=True)]
                numbers = [f"{p:.6f}" for p in probs[rows].tolist()]
                if masses is None:
                    file.writelines(f"{p}\t{gram}\n" for p, gram in zip(numbers, grams, strict=True))
                else:
                    weights = masses[rows].tolist()
                    file.writelines(
                        f"{p}\t{gram}\t{m:.6f}\n" for p, gram, m in zip(numbers, grams, weights, strict=True)
                    )
        file.write("\n\\end\\\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path, help="default: the shipped one")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--kenlm", action="store_true")
    options = parser.parse_args()
    texts = documents()
    print(f"weights {WEIGHTS}")
    if options.curve:
        curve(texts)
    elif options.kenlm:
        bench = Bench.at()
        bench.suite = "lm"
        print(as_table(list(suite(bench))))
    else:
        report(Model.load(options.model) if options.model else load_default(), texts)


if __name__ == "__main__":
    main()
