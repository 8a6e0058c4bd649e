"""The OCR data factory: real engine output on rendered, degraded pages of ../shared/lm-corpus, with its ground truth.

    python scripts/ocrdata/make.py cache                 # once: cut the reserved text out of the corpora
    python scripts/ocrdata/make.py run                   # produce documents until stopped (or --count N)
    python scripts/ocrdata/make.py one 17 --out /tmp/x   # make document 17 again, keep its page images
    python scripts/ocrdata/make.py stats                 # characters, error rates and kinds of error so far

Output: OUT/<engine>-<level>/<id>.ocr.txt and <id>.gt.txt (one paragraph a line), OUT/manifest.tsv (one row a page).
Pages with an error rate over 30% go to OUT/failed/. To stop a run: `touch OUT/stop`; `run` goes on where it stopped.
The number of a document determines everything in it: text, layout, recipe, engine and level. docs/ocr-data.md has more.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import corpus
import cv2
import degrade
import engines
import measure
import render

OUT = Path("/work/ocrdata")
FAILED = 0.30  # character error rate of a page that is given up
COLUMNS = ("id", "page", "set", "engine", "level", "source", "segment", "first_line", "last_line", "fonts", "held_out",
           "title_face", "latin_face", "points", "dpi", "em_px", "leading", "chars", "cer", "kept", "seconds",
           "recipe", "version")

# Severity range of each level: calibrated so that the mean error rates are near those of ../shared/ocr/dev.
_PP = {"l1": (0.45, 0.75), "l2": (0.7, 1.0), "l3": (0.95, 1.35)}
LEVELS: dict[str, dict[str, tuple[float, float]]] = {
    "tess": {"l1": (0.0, 0.3), "l2": (0.4, 0.75), "l3": (0.7, 1.0), "l4": (0.95, 1.4)},
    "tess3": {"l3": (0.5, 1.2)}, "tessb": {"l3": (0.5, 1.2)},
    "rapid4": _PP, "ppocr5": _PP, "ppocr6": _PP,
    "ppocr3": {"l2": (0.6, 0.9), "l3": (0.9, 1.2)},
}
_PP_DPI = (120, 150, 200, 240)  # the detection network sees the whole page: more pixels only cost time
# Tesseract and the oldest network bear less noise than the others before they give up.
_GRAIN = {"tess": 0.5, "tess3": 0.5, "tessb": 0.5, "ppocr3": 0.5}
_LEAST_EM = {"tess": 20, "tess3": 20, "tessb": 20}  # pixels to the em after down-sampling; 15 for the networks
# One round of documents, shuffled anew in each round; every second one has tessb in the place of tess3.
ROUND = [
    ("tess", "l1"), *[("tess", "l2"), ("tess", "l3"), ("tess", "l4")] * 2,
    ("rapid4", "l1"), *[("rapid4", "l2"), ("rapid4", "l3")] * 2,
    *[(engine, level) for engine in ("ppocr3", "ppocr5", "ppocr6") for level in ("l2", "l3")], ("tess3", "l3"),
]


@dataclass(frozen=True)
class Plan:
    """What document `number` is made of."""

    number: int
    engine: str
    level: str
    severity: float
    segment: corpus.Segment
    limit: int
    held_out: bool

    @property
    def name(self) -> str:
        return f"d{self.number:06d}"


def plan(number: int, order: list[corpus.Segment]) -> Plan:
    """The plan of a document from its number alone."""
    turn, slot = divmod(number, len(ROUND))
    cycle = ROUND.copy()
    random.Random(f"round {turn}").shuffle(cycle)
    engine, level = cycle[slot]
    if engine == "tess3" and turn % 2:
        engine = "tessb"
    rng = random.Random(f"plan {number}")
    severity = rng.uniform(*LEVELS[engine][level])
    return Plan(number, engine, level, severity, order[number % len(order)], rng.randint(1200, 3400),
                number % 10 >= 8)


def make(todo: Plan, out: Path, images: Path | None = None) -> int:
    """Make one document; returns the characters of truth that were kept."""
    rng = random.Random(f"document {todo.number}")
    tesseract = todo.engine.startswith("tess")
    layout = render.draw_layout(rng, todo.held_out, *([] if tesseract else [_PP_DPI]))
    text = render.prepare(corpus.paragraphs(todo.segment, todo.limit), layout)
    if sum(map(len, text)) < 300:
        return 0
    folder = out / f"{todo.engine}-{todo.level}"
    severity = todo.severity * layout.body.ease * min(1.0, 0.55 + layout.em() / 60)  # small type bears less
    truth: list[str] = []
    read: list[str] = []
    rows: list[str] = []
    recipe = degrade.draw_recipe(rng, severity, _GRAIN.get(todo.engine, 0.75),
                                 _LEAST_EM.get(todo.engine, 15) / layout.em())
    for at, page in enumerate(render.draw_pages(text, layout)):
        began = time.perf_counter()
        scan = degrade.degrade(page.image, recipe, layout.em(), todo.number * 100 + at)
        result = engines.ENGINES[todo.engine](scan, layout.dpi)
        if images is not None:
            cv2.imwrite(str(images / f"{todo.name}-{at}.png"), scan)
        want = "\n".join(page.pieces)
        rate = measure.error_rate(result, want)
        keep = rate <= FAILED
        if keep:
            if page.continued and truth:
                truth[-1] += page.pieces[0]
                truth.extend(page.pieces[1:])
            else:
                truth.extend(page.pieces)
            read.append(result.rstrip("\n"))
        else:
            _write(out / "failed" / f"{todo.engine}-{todo.level}", f"{todo.name}-{at}", result, want + "\n")
        values = (todo.name, at, folder.name, todo.engine, todo.level, todo.segment.source, todo.segment.number,
                  todo.segment.first, todo.segment.last, layout.body.name, int(todo.held_out), layout.title.name,
                  layout.latin.name if layout.latin else "-", layout.points, layout.dpi, layout.em(),
                  f"{layout.leading:.2f}", len(want), f"{rate:.4f}", int(keep), f"{time.perf_counter() - began:.2f}",
                  recipe.as_text(), engines.version(todo.engine))
        rows.append("\t".join(map(str, values)))
        if not keep:  # the other pages have the same defects
            break
    if truth:
        _write(folder, todo.name, "\n".join(read) + "\n", "\n".join(truth) + "\n")
    manifest = out / "manifest.tsv"
    if not manifest.exists():
        manifest.write_text("\t".join(COLUMNS) + "\n", "utf-8")
    with manifest.open("a", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    return sum(map(len, truth))


def _write(folder: Path, name: str, read: str, truth: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.gt.txt").write_text(truth, "utf-8")
    (folder / f"{name}.ocr.txt").write_text(read, "utf-8")


def run(args: argparse.Namespace) -> int:
    """Produce documents until `OUT/stop` exists or the count is reached."""
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    corpus.use_cache(args.cache)
    order = corpus.shuffled(args.turn)
    corpus.lines.cache_clear()
    place = out / "next"
    number = int(place.read_text()) if place.exists() else 0
    end = number + args.count if args.count else None
    while not (out / "stop").exists() and number != end:
        todo = plan(number, order)
        if args.engine is None or todo.engine in args.engine:
            began = time.perf_counter()
            try:
                chars = make(todo, out)
            except Exception as error:  # one bad page must not end a night's work
                print(f"{todo.name} {todo.engine}-{todo.level} failed: {error!r}", file=sys.stderr, flush=True)
                chars = 0
            print(f"{todo.name} {todo.engine}-{todo.level} {chars} characters {time.perf_counter() - began:.1f} s",
                  flush=True)
        number += 1
        place.write_text(str(number))
        if end is None and number % 60 == 0:  # OpenVINO keeps what it compiled for every page size: begin afresh
            os.execv(sys.executable, [sys.executable, *sys.argv])
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["cache", "run", "one", "stats"])
    parser.add_argument("number", type=int, nargs="?", default=0)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cache", type=Path, default=OUT / ".segments")
    parser.add_argument("--count", type=int)
    parser.add_argument("--engine", action="append")
    parser.add_argument("--turn", type=int, default=0, help="1, 2: not the reserved text, to learn from only")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    if args.command == "cache":
        corpus.write_cache(args.cache, args.turn)
        return 0
    if args.command == "run":
        return run(args)
    if args.command == "one":
        args.out.mkdir(parents=True, exist_ok=True)
        corpus.use_cache(args.cache)
        make(plan(args.number, corpus.shuffled(args.turn)), args.out, args.out)
        return 0
    print(measure.report(args.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
