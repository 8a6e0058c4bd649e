"""The command line: `main` and what becomes of every way in which a command can end.

Standard output carries data only, everything else goes to standard error. Exit codes: 0 done; 1 the answer to a
question was yes (``--check``, ``--fail-on``); 2 an error; 130 interrupted; 141 the reader of a pipe went away.

Only this module and its siblings touch `sys`, click or rich. Each command is one file with a click command named
``command``, imported when it is called for.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

DONE, FOUND, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on `argv` (without the program's name; default the process's) and give the exit code."""
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        status = PIPE_CLOSED
    except OSError as error:  # a full disk behind standard output, mostly
        status = _fail(f"{error.filename or 'standard output'}: {error.strerror or error}")
    _settle()
    return status


#: What tells numpy's library of linear algebra how many threads to use.
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def _run(argv: list[str]) -> int:
    for name in _THREADS:  # our matrices are small: threads would wait for each other, most of all beside --jobs
        os.environ.setdefault(name, "1")
    from .group import invoke

    try:
        return invoke(argv)
    except (KeyboardInterrupt, BrokenPipeError, OSError):
        raise
    except MemoryError:
        return _fail("out of memory")
    except Exception as error:
        from ..errors import TextfixError

        if isinstance(error, TextfixError):
            return _fail(str(error))
        import traceback  # a defect of ours: whoever reports it needs to see where

        traceback.print_exc()
        return _fail(f"internal error ({type(error).__name__}); please report it with the lines above")


def _fail(message: str) -> int:
    """One line on standard error, whatever is in the message and whether or not anybody listens there."""
    line = " ".join(message.splitlines())
    with contextlib.suppress(OSError):
        print(f"textfix: {line}", file=sys.stderr, flush=True)
    return FAILED


def _settle() -> None:
    """Point streams whose buffers cannot be emptied at the null device, or the interpreter's exit would complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
