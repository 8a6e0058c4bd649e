"""A tool in a process of its own, textfix like the others: requests on standard input, answers on standard output.

    python worker.py TOOL

All are lines of JSON. The first is the configuration of the tool. A request has ``task``, ``with`` (the arguments),
``limit`` (processor seconds, after which the process ends by a signal) and ``want`` (whether the result is handed
back). Only the task itself is timed. This file and `tools.py` run in the environments of the peers, with nothing but
the standard library and what is measured.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import tools

#: Processor seconds that are enough to measure (the clock may stand still for milliseconds), and wall seconds after
#: which a task is not done again.
ENOUGH, PATIENCE = 0.05, 10.0


def allow(seconds: float | None) -> None:
    """End this process when it has used so many processor seconds more; `None` takes the limit away."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = resource.RLIM_INFINITY if seconds is None else math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def timed(task: Callable[..., Any], arguments: dict[str, Any]) -> tuple[Any, float, float]:
    """The result of a task, its processor and its wall seconds.

    What is over in a moment is done again until it has taken long enough to be measured, and the mean counts.
    """
    began, wall, times = time.process_time(), time.perf_counter(), 0
    while True:
        result = task(**arguments)
        times += 1
        spent, passed = time.process_time() - began, time.perf_counter() - wall
        if spent >= ENOUGH or passed >= PATIENCE:
            return result, (spent or passed) / times, passed / times


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a tool prints is no answer
    config = json.loads(sys.stdin.readline())
    began = time.process_time()
    tool = tools.TOOLS[sys.argv[1]](**config)
    print(json.dumps({"seconds": time.process_time() - began}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        allow(request["limit"])
        try:
            task = tool[request["task"]]
            result, seconds, wall = timed(task, request["with"])
            answer = {"seconds": seconds, "wall": wall}
            if request["want"]:
                answer["result"] = result
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        allow(None)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
