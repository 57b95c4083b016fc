"""A node's processes at will: one that is ready forks a child for each piece of work.

    python -m tests.faults.hands        (the node's environment as for `chorsu`)

Reads lines of JSON `{"do": name, "with": {...}, "kill_at": n, "max_file": bytes, "shift_s": s}`
and answers each with one line: `{"ok", "result" | "error", "signal", "lines", "peak_mb"}`. A child
is the node itself at work, as it would be in a web or worker process; `kill_at` ends it by SIGKILL
at the n-th line it runs of the product, in whatever thread that is. With `postgres_at` and the
process id `postgres` it is PostgreSQL that ends at that line, and the child goes on: its answer
says whether it came so far (`struck`). Forking spares every child the seconds that starting Python
and Django takes.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import resource
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

import chorsu

LONGEST_S = 60
"""No piece of work takes longer, whatever the line or the peer does."""
PRODUCT = str(Path(chorsu.__file__).parent)


class Lines:
    """Counts the product's lines as they run; at the wanted one a process is no more."""

    def __init__(self, kill_at: int | None, victim: int) -> None:
        self.count = 0
        self.struck = False
        self.kill_at = kill_at or sys.maxsize
        self._victim = victim

    def start(self) -> None:
        """From here on, in this thread and every later one."""
        threading.settrace(self.enter)
        sys.settrace(self.enter)

    def enter(self, frame: FrameType, event: str, arg: object) -> Any:
        return self.line if frame.f_code.co_filename.startswith(PRODUCT) else None

    def line(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "line":
            self.count += 1
            if self.count >= self.kill_at and not self.struck:
                self.struck = True
                os.kill(self._victim, signal.SIGKILL)
        return self.line


def work(order: dict[str, Any], answer: int) -> None:
    """Do one piece of work in this child and write what came of it."""
    if order["do"] != "serve":
        faulthandler.dump_traceback_later(LONGEST_S, exit=True)
    os.dup2(2, 1)  # What commands print goes to the log; answers have a pipe of their own.
    if order.get("max_file"):
        # Writing beyond this fails as on a full disk, at any byte.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["max_file"],) * 2)
    strikes = order.get("postgres_at")
    lines = Lines(strikes or order.get("kill_at"), order["postgres"] if strikes else os.getpid())
    try:
        tasks = importlib.import_module("tests.faults.tasks")
        with tasks.clock_shifted(order.get("shift_s", 0)):
            if strikes or order.get("count") or order.get("kill_at"):
                lines.start()
            result = getattr(tasks, order["do"])(**order.get("with", {}))
            sys.settrace(None)
        said = {"ok": True, "result": result}
    except BaseException:
        sys.settrace(None)
        said = {"ok": False, "error": traceback.format_exc()}
    said |= {"lines": lines.count, "struck": lines.struck}
    with os.fdopen(answer, "wb") as out:
        out.write(json.dumps(said).encode())
    os._exit(0)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait, tell; work that lasts (`serve`) is told by its process id at once."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        work(order, writing)
    os.close(writing)
    if order["do"] == "serve":
        os.close(reading)
        return {"ok": True, "result": child}
    with os.fdopen(reading, "rb") as given:
        said = given.read()
    _, status, used = os.wait4(child, 0)
    answer: dict[str, Any] = json.loads(said) if said else {"ok": False, "error": "ended"}
    answer["hung"] = os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
    answer["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    answer["peak_mb"] = used.ru_maxrss / 1024
    return answer


def main() -> None:
    """Get ready once, then serve orders until the input ends."""
    from chorsu.config.cli import prepare

    prepare()
    importlib.import_module("tests.faults.tasks").get_ready()
    print("ready", flush=True)
    serving: list[int] = []
    for line in sys.stdin:
        serving = [pid for pid in serving if os.waitpid(pid, os.WNOHANG)[0] == 0]
        answer = run(json.loads(line))
        if isinstance(answer.get("result"), int) and json.loads(line)["do"] == "serve":
            serving.append(answer["result"])
        print(json.dumps(answer), flush=True)
    for pid in serving:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
