"""The harness notices what it is there to notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .markdown import Block, blocks_of, commands_of
from .runner import ExampleError, Runner

PAGE = """\
Text.

<!-- each line alone -->
```sh
true
```

1. A list.

   ```console
   $ echo a
   a
   ```

<!-- not run: it is only an example -->

```python
1 / 0
```
"""


def test_blocks_and_marks() -> None:
    one, two, three = blocks_of(PAGE, "page.md")
    assert one == Block("page.md", 5, "sh", "true\n", {"each line alone": ""})
    assert two == Block("page.md", 11, "console", "$ echo a\na\n", {})
    assert three.marks == {"not run": "it is only an example"}


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("```sh\ntrue\n", "never closed"),
        ("<!-- skip -->\n```sh\n```\n", "no mark"),
        ("<!-- endless -->\nText\n", "without"),
    ],
)
def test_what_a_page_must_not_have(page: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        blocks_of(page, "page.md")


def test_commands_go_on_after_a_backslash() -> None:
    assert commands_of("# note\na \\\n  b\n\nc # d\n") == [(1, "a \\\n  b"), (4, "c # d")]


@pytest.mark.parametrize(
    ("language", "code", "marks"),
    [
        ("sh", "true\nfalse && true\ntrue\n", {}),
        ("sh", "false | cat\n", {}),
        ("sh", "# nothing\n", {}),
        ("sh", "cd made\n", {"each line alone": ""}),
        ("sh", "echo ends\n", {"endless": ""}),
        ("console", "$ echo a\nb\n", {}),
        ("console", "$ echo a\n", {}),
        ("console", "$ false\n", {}),
        ("console", "$ seq 5\n1\n…\n6\n", {}),
        ("console", "$ exit 0\n", {}),
        ("console", "a\n", {}),
        ("python", "x = 1\ny = x / 0\n", {}),
        ("pycon", ">>> 1 + 1\n3\n", {}),
        ("pycon", "2\n", {}),
        ("json", '{"a": 1\n', {}),
    ],
)
def test_a_wrong_example_fails(runner: Callable[[], Runner], language: str, code: str, marks: dict[str, str]) -> None:
    reader = runner()
    with pytest.raises(ExampleError, match=r"page\.md:\d"):
        reader.run(Block("page.md", 7, language, code, marks))


def test_right_ones_do_not(runner: Callable[[], Runner]) -> None:
    reader = runner()
    for language, code, marks in (
        ("sh", "mkdir made\ncd made\n", {}),
        ("sh", "ls made\n", {}),
        ("sh", "mkdir new\nmkdir new\n", {"each line alone": ""}),
        ("sh", "yes\n", {"endless": ""}),
        ("console", "$ seq 5\n1\n…\n5\n$ echo a; echo b >&2; false\na\nb\n[exit 1]\n$ cd made\n", {}),
        ("json", '{"a": 1}\n', {"file": "made/a.json"}),
        ("python", "import json\nx = json.load(open('made/a.json'))\n", {}),
        ("pycon", ">>> x\n{'a': 1}\n>>> y = 2\n", {}),
        ("python", "assert y == 2\n", {}),
        ("json", '{"a": 1}\n{"b": 2}\n', {}),
    ):
        reader.run(Block("page.md", 1, language, code, marks))
