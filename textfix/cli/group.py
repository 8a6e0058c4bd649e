"""The click group. It knows its commands by name and imports one when it is called for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from .. import __version__
from ..errors import OptionError
from .options import examples

__all__ = ["COMMANDS", "invoke"]

#: Command → module of this package that holds it under the name ``command``. In the order of ``--help``.
COMMANDS = {
    "clean": "clean",
    "batch": "batch",
    "reconcile": "reconcile",
    "vote": "vote",
    "align": "align",
    "learn": "learn",
    "table": "table",
    "train-lm": "train_lm",
    "eval": "eval",
}

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group whose commands are modules; only the one that runs is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{COMMANDS[cmd_name]}", __package__).command
        return command


@click.group(
    "textfix",
    cls=LazyGroup,
    context_settings=_HELP,
    epilog=examples("$ echo 各项重点彳壬务 | textfix clean", "各项重点任务"),
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def group() -> None:
    """Reconcile and repair OCR'd Chinese policy documents.

    Without a FILE, or with -, standard input is read. Data goes to standard output, messages to standard error.
    Exit codes: 0 done, 1 --check or --fail-on found something, 2 error.
    """


def invoke(argv: Sequence[str]) -> int:
    """Run `argv` and give the command's exit code. Errors of usage are raised as `OptionError`, one line each."""
    if "_TEXTFIX_COMPLETE" in os.environ:
        group.main(list(argv), "textfix")
    if isinstance(getattr(sys.stdout, "encoding", None), str) and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale: what we print is Chinese
    try:
        with group.make_context("textfix", list(argv)) as ctx:
            status = group.invoke(ctx)
            return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error), err=True)
        return 2
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "textfix"
        raise OptionError(f"{error.format_message()} (see {where} --help)") from error
    except click.ClickException as error:
        raise OptionError(error.format_message()) from error
