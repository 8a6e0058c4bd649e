"""The help of every command ends with an example, and the example does what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import pytest

from textfix.cli.group import group

from .markdown import Block
from .runner import Runner


def contexts(command: click.Command = group, parent: click.Context | None = None) -> Iterator[click.Context]:
    """The program itself, every command, and every command of a command."""
    context = click.Context(command, info_name="textfix" if parent is None else command.name, parent=parent)
    context.max_content_width = 100
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from contexts(found, context)


HELPS = {context.command_path: context.get_help() for context in contexts()}


def examples(path: str) -> list[Block]:
    """What stands under the last heading of a help: a block for each command."""
    _, _, text = HELPS[path].rpartition("Example")
    blocks: list[Block] = []
    for line in (row.removeprefix("    ") for row in text.splitlines()[1:]):
        if line.startswith("$ "):
            blocks.append(Block(f"{path} --help", 1, "sh", f"{line[2:]}\n", {}))
        elif line:  # its output is shown, too
            last = blocks.pop()
            code = last.code if last.language == "console" else f"$ {last.code}"
            blocks.append(Block(last.page, 1, "console", f"{code}{line}\n", {}))
    return blocks


def test_all_commands_are_looked_at() -> None:
    assert {"textfix", "textfix clean", "textfix table reject", "textfix train-lm"} <= set(HELPS)
    assert len(HELPS) >= 15


@pytest.mark.parametrize("path", HELPS)
def test_the_help_carries_an_example_that_works(path: str, runner: Callable[[], Runner]) -> None:
    blocks = examples(path)
    assert blocks, HELPS[path]
    assert any(f"{path} " in block.code or path == "textfix" for block in blocks)
    reader = runner()
    for block in blocks:
        reader.run(block)


def test_short_helps_are_not_cut() -> None:
    for path, text in HELPS.items():
        assert "..." not in text.partition("Commands:")[2], path
