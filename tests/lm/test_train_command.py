"""`textfix train-lm`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from textfix.cli.train_lm import command
from textfix.errors import InputError, OptionError
from textfix.lm import Model, load_default, load_mixed

NOTICE = "渝北区煤矸石综合利用实施方案已经区政府同意，现印发给你们，请认真贯彻执行。\n" * 4


def run(*arguments: str) -> int:
    status: int = command.main(list(arguments), standalone_mode=False)
    return status


def test_a_model_of_ones_own_documents(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, two, out = (tmp_path / name for name in ("one.txt", "two.txt", "my.lm"))
    one.write_text(NOTICE, "utf-8")
    two.write_text("综合利用煤矸石", "gb18030")
    assert run(str(one), "-o", str(out)) == 0
    model = Model.load(out)
    model.verify()
    ids, _ = model.encode(NOTICE)
    assert model.log_prob(ids).mean() > load_default().log_prob(ids).mean() + 1
    np.testing.assert_array_equal(model.vocabulary.characters, load_default().vocabulary.characters)
    assert load_mixed([f"{out}:0.3"]).log_prob(ids).mean() > load_default().log_prob(ids).mean() + 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert f"n-grams of {len(NOTICE)} characters" in captured.err
    first = out.read_bytes()
    assert run(str(one), "-o", str(out)) == 0
    assert out.read_bytes() == first
    assert run(str(two), "-o", str(out), "--encoding", "gb18030", "--own-characters", "--max-mb", "0.5") == 0
    assert Model.load(out).vocabulary.size < 20


def test_what_cannot_be_done_is_said_before_the_work(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("", "utf-8")
    with pytest.raises(OptionError, match="nothing to learn from"):
        run("-o", str(tmp_path / "my.lm"))
    with pytest.raises(InputError, match="no text to learn from"):
        run(str(text), "-o", str(tmp_path / "my.lm"))
    with pytest.raises(InputError, match="no such folder"):
        run(str(text), "-o", str(tmp_path / "none" / "my.lm"))
    with pytest.raises(OptionError, match="only once"):
        run("-", "-", "-o", str(tmp_path / "my.lm"))
    assert not (tmp_path / "my.lm").exists()
