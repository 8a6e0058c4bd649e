#!/usr/bin/env python3
"""Break core lines one at a time and see whether the tests notice.

    python scripts/mutants.py [--group NAME]... [--sample N] [--seed 8] [--examples N [N]] [--out FILE.tsv]
    python scripts/mutants.py --group NAME --only FILE:LINE[:COLUMN] [--tests TEST...]

A mutant is one small change inside a function: another comparison or arithmetic, boolean or bitwise operator, a number
one higher, another string, a condition negated. Assignments of None and emptied bodies, which any test kills, are not
among them, and neither are docstrings, annotations, defaults and module constants.

The tests of a group run once, which says how long each takes and which functions it calls, and once more in a forked
process without any change, where they have to pass, too. Then, within the same
session of pytest, a process is forked for each mutant, in which the code object of the one function is exchanged and
caches are emptied; the tests that call the function run, the quick ones first, until one fails: the mutant is killed.
So it is if one of them takes ten times the processor time that it took before. Hypothesis draws the same examples every
time, few at first, and more before a mutant is said to survive (`--examples`). Tests that start processes of their own
are left out: they would not see the mutant.

``--sample`` takes so many mutants of each group, drawn with ``--seed``. ``--only`` takes the mutants of a line. The
table has group, place, change, outcome (killed, survived, untested) and, where killed, the test that did it. With
``--out`` a run goes on where it was stopped. `docs/mutants.md` judges the survivors.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import importlib
import inspect
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_ALIGNMENT = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "textfix" / "alignment").glob("*.py"))
_TABLES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "textfix" / "tables").glob("*.py"))
#: Group → modules, and the tests that look at them from inside the process.
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "edits": (["textfix/edits.py"], ["tests/test_edits.py"]),
    "tables": (_TABLES, ["tests/tables"]),
    "decision": (
        [f"textfix/repairer/{name}.py" for name in ("decoder", "guard", "proposals", "forest", "estimates")],
        ["tests/repairer", "tests/test_pipeline.py::test_wild"],
    ),
    "alignment": (_ALIGNMENT, ["tests/alignment", "tests/test_reconciler.py", "tests/test_learner.py"]),
}
#: Examples of Hypothesis: most mutants die by few, what survives has to live through more.
EXAMPLES = (40, 200)
#: What the slowest test may take longer than before, in times and in seconds.
PATIENCE = 10, 5
NOT = "not slow and not needs_chromium and not needs_java and not needs_tesseract"

COMPARE: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
BINARY: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.MatMult: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the function that it is in, where, and what it reads before and after."""

    group: str
    path: str
    function: str
    line: int
    column: int
    before: str
    after: str
    tree: ast.Module = field(repr=False, compare=False)

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.place, self.before, self.after


# -- which mutants there are ---------------------------------------------------------------------------------------


def changes(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    """The changes of one node, each as a function that makes it on a copy of the node."""

    def put(name: str, value: object) -> Callable[[Any], None]:
        return lambda twin: setattr(twin, name, value)

    match node:
        case ast.Compare():
            for n, op in enumerate(node.ops):
                if type(op) in COMPARE:
                    ops = [*node.ops[:n], COMPARE[type(op)](), *node.ops[n + 1 :]]
                    yield put("ops", ops)
        case ast.BinOp() | ast.AugAssign() if type(node.op) in BINARY:
            yield put("op", BINARY[type(node.op)]())
        case ast.BoolOp():
            yield put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.USub() | ast.Invert()):
            yield put("op", ast.UAdd())
        case ast.UnaryOp(op=ast.Not()):
            yield put("operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.Constant(value=bool()):
            yield put("value", not node.value)
        case ast.Constant(value=int() | float()):
            yield put("value", node.value + 1)
        case ast.Constant(value=str()):
            yield put("value", f"XX{node.value}XX")
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.UnaryOp | ast.BoolOp):
            yield put("test", ast.UnaryOp(ast.Not(), node.test))


class _Finder(ast.NodeVisitor):
    """All places inside functions that may be changed, with the name of the outermost function."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.function: str | None = None
        self.places: list[tuple[ast.AST, str]] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if self.function is None:
            self.stack.append(node.name)
            for child in node.body:
                self.visit(child)
            self.stack.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer = self.function
        if outer is None:
            self.function = ".".join([*self.stack, node.name])
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        for child in body:
            self.visit(child)
        self.function = outer

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def generic_visit(self, node: ast.AST) -> None:
        if self.function is not None:
            self.places.append((node, self.function))
        super().generic_visit(node)


def mutants_of(group: str, path: str) -> list[Mutant]:
    source = (ROOT / path).read_text("utf-8")
    tree = ast.parse(source)
    finder = _Finder()
    for child in tree.body:
        finder.visit(child)
    out = []
    for node, function in finder.places:
        for change in changes(node):
            twin = copy.copy(node)
            change(twin)
            before, after = " ".join(ast.unparse(node).split()), " ".join(ast.unparse(twin).split())
            mutated = _Replacer(node, twin).visit(copy.copy(tree))
            line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
            out.append(Mutant(group, path, function, line, column, before[:160], after[:160], mutated))
    return out


class _Replacer(ast.NodeTransformer):
    """A copy of the tree, as far as it leads to one node, with another in its place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new
        self.first, self.last = getattr(old, "lineno", 0), getattr(old, "end_lineno", 0)

    def visit(self, node: ast.AST) -> Any:
        if node is self.old:
            return ast.fix_missing_locations(self.new)
        first = getattr(node, "lineno", None)
        if first is not None and not (first <= self.first and self.last <= (node.end_lineno or 0)):  # type: ignore[attr-defined]
            return node
        twin = copy.copy(node)
        for name, value in ast.iter_fields(twin):
            if isinstance(value, list):
                setattr(twin, name, list(value))
        return self.generic_visit(twin)


# -- running the tests of one --------------------------------------------------------------------------------------


def code_of(tree: ast.Module, path: str, function: str) -> CodeType:
    """The code object of `function` in the module `tree`."""
    code = compile(tree, str(ROOT / path), "exec", dont_inherit=True)
    for name in function.split("."):
        *_, code = (c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)  # overloads come first
    return code


def function_of(path: str, function: str) -> FunctionType:
    """The living function, below all that decorates it."""
    module: Any = importlib.import_module(path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    first, *rest = function.split(".")
    found = getattr(module, first)
    for name in rest:
        found = inspect.getattr_static(found, name)
    while not isinstance(found, FunctionType):
        if isinstance(found, property):
            found = found.fget
        elif isinstance(found, functools.cached_property):
            found = found.func
        else:
            found = getattr(found, "__wrapped__", None) or found.__func__
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found


def forget() -> None:
    """Empty every cache of the package, so that what was loaded is loaded again by the mutant."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "textfix" and isinstance(module, ModuleType):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


class Session:
    """A pytest plug-in that takes the place of the loop over all tests: runs them once, then some for each mutant."""

    def __init__(
        self,
        modules: Sequence[str],
        mutants: Sequence[Mutant],
        examples: Sequence[int],
        report: Callable[[Mutant, str, str], None],
    ):
        self.examples = examples
        self.files = {str(ROOT / path): path for path in modules}
        self.mutants, self.report = mutants, report
        self.calls: dict[str, set[tuple[str, int]]] = {}
        self.seconds: dict[str, float] = {}

    def pytest_runtestloop(self, session: Any) -> bool:
        from _pytest.runner import runtestprotocol

        self.protocol = runtestprotocol
        for item in session.items:
            self.now = self.calls.setdefault(item.nodeid, set())
            forget()
            started = time.process_time()
            sys.setprofile(self.profile)
            failed = self.failed(item)
            sys.setprofile(None)
            self.seconds[item.nodeid] = time.process_time() - started
            if failed:
                raise SystemExit(f"mutants: fails without a mutant: {item.nodeid}")
        if test := self.forked(lambda: self.killer(session.items)):
            raise SystemExit(f"mutants: fails in a process of its own without a mutant: {test}")
        for mutant in self.mutants:
            self.report(mutant, *self.examine(mutant, session.items))
        return True

    def profile(self, frame: Any, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename in self.files:
            self.now.add((self.files[frame.f_code.co_filename], frame.f_code.co_firstlineno))

    def failed(self, item: Any) -> bool:
        return any(report.failed for report in self.protocol(item, log=False, nextitem=None))

    def examine(self, mutant: Mutant, items: Sequence[Any]) -> tuple[str, str]:
        """Run the tests that call the function in a process of its own, quick ones first: how and where it ended."""
        function = function_of(mutant.path, mutant.function)
        place = mutant.path, function.__code__.co_firstlineno
        callers = [item for item in items if place in self.calls[item.nodeid]]
        callers.sort(key=lambda item: self.seconds[item.nodeid])
        if not callers:
            return "untested", ""

        def broken() -> str:
            function.__code__ = code_of(mutant.tree, mutant.path, mutant.function)
            return self.killer(callers)

        test = self.forked(broken)
        return ("killed" if test else "survived"), test

    def forked(self, work: Callable[[], str]) -> str:
        """What `work` returns, done in a process of its own."""
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(receive)
            resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
            try:
                with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # noqa: PTH123
                    said = work()
            except BaseException as error:  # the mutant does not even load
                said = f"{type(error).__name__}: {error}"
            os.write(send, f"done {said}"[:4000].encode())
            os._exit(0)
        os.close(send)
        with os.fdopen(receive, "rb") as pipe:
            said = " ".join(pipe.read().decode().split())
        os.waitpid(child, 0)
        return said.removeprefix("done").strip() if said else "too much time or memory"

    def killer(self, items: Sequence[Any]) -> str:
        """The first test that fails, with few examples or with more; empty if none does."""
        for examples in self.examples:
            for item in items:
                if examples != self.examples[0] and not more_examples(item, examples):
                    continue
                forget()
                times, more = PATIENCE
                limit = times * self.seconds[item.nodeid] * examples / self.examples[0] + more
                signal.setitimer(signal.ITIMER_PROF, limit)  # which ends the process
                if self.failed(item):
                    return str(item.nodeid)
        return ""


def more_examples(item: Any, examples: int) -> bool:
    """Let a test of Hypothesis draw so many; False for other tests, which would only do the same again."""
    from hypothesis import settings

    test = getattr(item.obj, "__func__", item.obj)
    name = "_hypothesis_internal_use_settings"
    if not hasattr(test, name):
        return False
    setattr(test, name, settings(getattr(test, name), max_examples=examples))
    return True


def settle(examples: int) -> None:
    """Hypothesis: the same examples every time, and no search for the smallest."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "mutants", max_examples=examples, derandomize=True, database=None, deadline=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def run(
    modules: Sequence[str],
    tests: Sequence[str],
    mutants: Sequence[Mutant],
    examples: Sequence[int],
    report: Callable[..., None],
) -> None:
    import pytest

    session = Session(modules, mutants, examples, report)
    options = ["-q", "-s", "--no-header", "-p", "no:cacheprovider", "-m", NOT, "--hypothesis-profile=mutants"]
    if pytest.main([*options, *tests], [session]):
        raise SystemExit("mutants: the tests do not run")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--group", action="append", choices=GROUPS, help="one group of modules; all without it")
    parser.add_argument("--sample", type=int, help="so many mutants of each group, drawn at random")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--examples", type=int, nargs="+", default=EXAMPLES, help="of Hypothesis: at first, then more")
    parser.add_argument("--only", action="append", default=[], help="the mutants at FILE:LINE or FILE:LINE:COLUMN")
    parser.add_argument("--tests", nargs="+", help="these tests instead of those of the group")
    parser.add_argument("--out", type=Path, help="write the table there, and go on with it")
    parser.add_argument("--list", action="store_true", help="count the mutants of every module, run nothing")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    settle(options.examples[0])
    done: dict[tuple[str, ...], str] = {}
    if options.out and options.out.exists():
        done |= {tuple(row.split("\t")[1:4]): row.split("\t")[4] for row in options.out.read_text("utf-8").splitlines()}
    totals: dict[str, tuple[int, int, int]] = {}
    for name in options.group or GROUPS:
        modules, tests = GROUPS[name][0], options.tests or GROUPS[name][1]
        every = [mutant for path in modules for mutant in mutants_of(name, path)]
        if options.list:
            for path in modules:
                print(f"{path}: {sum(m.path == path for m in every)}")
            continue
        chosen = every
        if options.only:
            chosen = [m for m in every if any(f"{m.place}:".startswith(f"{only}:") for only in options.only)]
        elif options.sample and options.sample < len(every):
            chosen = random.Random(options.seed).sample(every, options.sample)
        todo = [mutant for mutant in chosen if mutant.key not in done]

        def report(mutant: Mutant, outcome: str, test: str) -> None:
            done[mutant.key] = outcome
            row = "\t".join((mutant.group, *mutant.key, outcome, test))
            print(row, flush=True)
            if options.out:
                with options.out.open("a", encoding="utf-8") as table:
                    table.write(row + "\n")

        if todo:
            run(modules, tests, todo, options.examples, report)
        killed = sum(done[m.key] == "killed" for m in chosen)
        totals[name] = killed, len(chosen), len(every)
    for name, (killed, examined, all_of_them) in totals.items():
        share = killed / examined if examined else 1.0
        print(f"{name}: {killed} of {examined} killed ({share:.1%}); there are {all_of_them}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
