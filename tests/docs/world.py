"""The folder in which examples run: files of the kind that a reader has, small, and with errors that are surely found.

Examples of the pages name these files without making them first. Everything else an example has to make itself.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

__all__ = ["build"]

SCAN = """\
加快解决工矿废弃地、歼石山等历史遗留问题，加强硏究工作。
扌L 实做好常态化工作，落实各项重点彳壬务，2022年5月31日前完成。
"""
TRUTH = """\
加快解决工矿废弃地、矸石山等历史遗留问题，加强研究工作。
扎实做好常态化工作，落实各项重点任务，2022年5月31日前完成。
"""
OTHER = "积极打造应用究平硏台，深入推进川渝科技协作。\n"
OTHER_TRUTH = "积极打造应用研究平台，深入推进川渝科技协作。\n"


def build(folder: Path, root: Path) -> None:
    """Fill the empty `folder` from the checkout `root`."""
    seed = folder / "corpora" / "seed"
    shutil.copytree(root / "corpora" / "seed", seed)
    extract, notice = ((seed / name).read_text("utf-8") for name in ("garbled-extract.txt", "authoritative-notice.txt"))
    texts = {
        "scan.txt": SCAN,
        "scan.log": SCAN.replace("\n", "\n\n"),
        "my-scan.txt": SCAN,
        "my-truth.txt": TRUTH,
        "extract.txt": extract,
        "notice.txt": notice,
        "page1.ocr.txt": SCAN,
        "page1.gt.txt": TRUTH,
        "page2.ocr.txt": OTHER,
        "page2.gt.txt": OTHER_TRUTH,
        "page.tess.txt": SCAN.replace("历史", "历吏"),
        "page.rapid.txt": SCAN.replace("歼石山", "矸石山"),
        "scans/page1.ocr.txt": SCAN,
        "scans/page1.gt.txt": TRUTH,
        "scans/page2.ocr.txt": OTHER,
        "scans/page2.gt.txt": OTHER_TRUTH,
        "extracts/2022-5.txt": extract,
        "authorities/渝发改规范〔2022〕5号.txt": notice,
        "authorities/another.txt": TRUTH,
        "notices/2022-5.txt": notice,
        "agencies.txt": "重庆市科学技术局\n重庆市发展和改革委员会\n",
        "mine.tsv": (root / "confusables" / "learned" / "seed.tsv").read_text("utf-8"),
        "theirs.tsv": (root / "confusables" / "learned" / "seed.tsv").read_text("utf-8"),
        "dump.jsonl": _lines({"id": 1, "text": SCAN}, {"id": 2, "text": OTHER}),
        "pages.jsonl": _lines({"id": 1, "page": {"lines": SCAN.splitlines()}}, {"id": 2, "page": {"lines": [OTHER]}}),
        "table.csv": f'编号,正文\r\n1,"{SCAN}"\r\n2,{OTHER.strip()}\r\n',
        "table.tsv": f"1\t2022\t{OTHER}2\t2023\t{OTHER_TRUTH}",
        "decisions.json": _decisions(),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    data = root / "tests" / "formats" / "data"
    for source, target in {
        "scan.alto.xml": "page.xml",
        "scan.hocr": "page.hocr",
        "scan.png": "scan.png",
        "radicals.pdf": "report.pdf",
    }.items():
        shutil.copy(data / source, folder / target)
    _parquet(folder / "in.parquet")


def _lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _decisions() -> str:
    decision = {"verdict": "reject", "scope": "everywhere", "observed": "歼", "replacement": "矸", "kind": "glyph"}
    return json.dumps({"format": "textfix.decisions", "version": 1, "decisions": [decision]})


def _parquet(target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": [1, 2, 3], "text": [SCAN, None, OTHER]}), target)
