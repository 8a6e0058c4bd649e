"""textfix on Spark, ``local[2]``: row by row what the library says."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import textfix
from textfix import spark as textfix_spark

needs_java = pytest.mark.needs_java
TEXTS = ["加强硏究工作", None, "", "各项重点彳壬务", "2022年5月31日", "重庆市科学枝术局"] * 3


@pytest.fixture(scope="module")
def texts(spark: Any) -> Any:
    return spark.createDataFrame(list(enumerate(TEXTS)), "id int, text string").repartition(3)


@needs_java
@pytest.mark.slow
def test_clean_and_repair_row_by_row(texts: Any) -> None:
    words = {"terms": ["重庆市科学技术局"], "min_confidence": 0.7}
    rows = texts.select("id", textfix_spark.clean("text", **words).alias("clean"),
                        textfix_spark.repair("text", **words).alias("repair")).orderBy("id").collect()  # fmt: skip
    assert [row.id for row in rows] == list(range(len(TEXTS)))
    for text, row in zip(TEXTS, rows, strict=True):
        if text is None:
            assert row.clean is row.repair.text is row.repair.edits is None
            continue
        repair = textfix.repair(text, **words)
        assert row.clean == row.repair.text == repair.text
        edits = [edit.asDict() | {"evidence": json.loads(edit.evidence)} for edit in row.repair.edits]
        assert edits == [edit.to_dict() for edit in repair.edits]


@needs_java
@pytest.mark.slow
def test_for_sql(spark: Any, texts: Any) -> None:
    texts.createOrReplaceTempView("texts")
    spark.udf.register("textfix", textfix_spark.clean_udf(only="split"))
    rows = spark.sql("select textfix(text) as text from texts where id < 4 order by id").collect()
    assert [row.text for row in rows] == ["加强硏究工作", None, "", "各项重点任务"]


@needs_java
@pytest.mark.slow
def test_learn_is_the_same_as_in_one_process(spark: Any, seed: Path) -> None:
    extract = (seed / "garbled-extract.txt").read_text("utf-8")
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    pairs = [(extract, notice, "whole"), (extract[600:1300], notice, "part"), ("加强硏究工作", "加强研究工作", "line")]
    pairs += [("推进硏究和发展", "推进研究和发展", "line 2"), ("一样", "一样", "line 3")]
    holes = [(None, "加强研究工作", "no text"), ("加强硏究工作", None, "no truth")]  # passed over
    frame = spark.createDataFrame(pairs + holes, "ocr string, truth string, name string").repartition(3)
    expected = textfix.learn(textfix.Pair(*pair) for pair in pairs)
    assert textfix_spark.learn(frame) == expected
    assert textfix_spark.learn(frame).dump() == expected.dump()
    assert len(expected) > 3


@needs_java
@pytest.mark.slow
def test_match_finds_the_source(spark: Any, seed: Path) -> None:
    extract = (seed / "garbled-extract.txt").read_text("utf-8")
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    other = "".join(reversed(notice))
    scans = [("extract", extract), ("other", "为了规范行政行为，制定本办法。" * 20), ("empty", "")]
    scans.append(("backwards", other[300:900]))
    authorities = [("notice", notice), ("notice backwards", other), ("short", "通知")]
    frames = [spark.createDataFrame(rows, "name string, text string") for rows in (scans, authorities)]
    rows = textfix_spark.match(*frames).orderBy("scan").collect()
    assert [(row.scan, row.authority) for row in rows] == [("backwards", "notice backwards"), ("extract", "notice")]
    from textfix.match import Index

    (found,) = Index(authorities[:1]).find(extract)
    assert rows[1].share == pytest.approx(found.share)
    places = [(p.start, p.end, p.other_start, p.other_end) for p in found.passages]
    assert [tuple(passage) for passage in rows[1].passages] == places


@needs_java
@pytest.mark.slow
def test_submitting_the_example_with_a_zip(root: Path, tmp_path: Path) -> None:
    """The package and its tables travel as one zip file; the example runs on the sample."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("no Java runtime")
    archive = zipped(root, tmp_path)
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "SPARK_HOME"}}
    env |= {"PYSPARK_PYTHON": sys.executable, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "pyspark.find_spark_home"]
    home = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.strip()
    done = subprocess.run(
        [f"{home}/bin/spark-submit", "--master", "local[2]", "--py-files", archive, "--conf", "spark.ui.enabled=false",
         root / "scripts/examples/spark_clean.py", root / "corpora/seed/garbled-extract.txt", tmp_path / "out"],
        capture_output=True, text=True, timeout=600, cwd=tmp_path, env=env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "split\t" in done.stdout


def zipped(root: Path, folder: Path) -> Path:
    stage = folder / "stage"
    shutil.copytree(root / "textfix", stage / "textfix", ignore=shutil.ignore_patterns("__pycache__", "confusables"))
    shutil.copytree(root / "confusables", stage / "textfix" / "confusables")
    return Path(shutil.make_archive(str(folder / "textfix"), "zip", stage))


@pytest.mark.slow
def test_tables_in_a_zip_are_unpacked_once(root: Path, tmp_path: Path) -> None:
    archive = zipped(root, tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import textfix, textfix.tables.resources as r\n"
        "print(textfix.__file__, r.confusables_dir(), textfix.clean('加强硏究工作'), sep='\\n')"
    )
    env = os.environ | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONIOENCODING": "utf-8"}
    (tmp_path / "tmp").mkdir()
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, archive], capture_output=True, text=True, encoding="utf-8", env=env, check=True
        )
        home, tables, text = done.stdout.splitlines()
        assert home.startswith(str(archive))
        assert text == "加强研究工作"
        (place,) = (tmp_path / "tmp").iterdir()
        assert Path(tables) == place / "textfix" / "confusables"


def test_without_pyspark() -> None:
    code = (
        "import sys; sys.modules['pyspark'] = None\n"
        "import textfix; from textfix import spark\n"
        "try: spark.clean('text')\n"
        "except textfix.TextfixError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert "pip install 'textfix[spark]'" in done.stdout
    assert done.stdout.count("\n") == 1


def test_import_textfix_brings_no_extras() -> None:
    code = "import sys, textfix; textfix.clean('加强硏究'); print({'pyspark', 'pandas', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "set()\n"


def test_options_travel() -> None:
    pytest.importorskip("pyspark")
    from textfix.spark.columns import repairer

    options = textfix.Options.of(preset="strict", terms=["重庆"])
    assert repairer(options) is repairer(pickle.loads(pickle.dumps(options)))
