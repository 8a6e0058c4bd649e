"""`textfix train-lm`: a language model of the user's own documents."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE
from .options import encoding_option, examples
from .streams import STDIN, keep_apart, once_stdin, read, say, write

__all__ = ["command"]


@click.command(
    "train-lm",
    short_help="Train a language model of your own.",
    epilog=examples("$ textfix train-lm notices/*.txt -o my.lm", "$ textfix clean scan.txt --lm my.lm:0.3"),
)
@click.argument("texts", nargs=-1, metavar="TEXT...")
@click.option("-o", "--output", metavar="MODEL", required=True, help="Write the model there (- is standard output).")
@click.option(
    "--max-mb", type=click.FloatRange(0.1, 2000), default=40.0, show_default=True, metavar="MB",
    help="Leave out n-grams until the file is no larger.",
)  # fmt: skip
@click.option(
    "--own-characters", is_flag=True, help="Know the characters of TEXT alone. Such a model cannot be mixed."
)
@encoding_option
def command(texts: tuple[str, ...], output: str, max_mb: float, own_characters: bool, encoding: str) -> int:
    """Train a character language model on TEXT, where every line is a paragraph.

    The shipped model knows laws, reports and news. Authoritative notices that an archive holds teach what else its
    documents say; mix the result with the shipped model by --lm MODEL:WEIGHT.
    """
    if not texts:
        raise OptionError("nothing to learn from; name at least one TEXT (- is standard input)")
    once_stdin(texts)
    keep_apart({"--output": output}, texts)
    if output != STDIN:
        check_writable(output)
    from ..lm import load_default, train

    decoded = [read(name, encoding).text for name in texts]
    vocabulary = None if own_characters else load_default().vocabulary
    with _progress() as report:
        model = train(decoded, vocabulary=vocabulary, max_bytes=int(max_mb * 1e6), progress=report)
    data = model.to_bytes()
    write(output, data)
    say(f"{sum(model.meta['ngrams'][1:]):,} n-grams of {sum(map(len, decoded)):,} characters, {len(data) / 1e6:.1f} MB")
    return DONE


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error that names the stage, where somebody is looking."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _stage, _share: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)
