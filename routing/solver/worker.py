"""One warm child process that searches: killable at any moment with the best so far, never left behind.

OR-Tools runs nowhere else: a crash or an endless search costs one child, not the server. The child is a plain
``python -c`` with pipes, so it works under any main module (a script without a guard, pytest-xdist, uvicorn,
``python -c``) and imports nothing of it. One task at a time; callers on other threads wait for their turn.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import json
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from typing import IO

from routing.errors import SolveError
from routing.solver.task import SearchResult, SearchTask, small_task

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from routing.solver.worker import serve; serve()"
_LENGTH = struct.Struct(">Q")
_GOODBYE_S = 2.0


def run(task: SearchTask) -> SearchResult:
    """Search in the child process.

    A child that dies, or is killed when the budget's wall limit has passed, has told everything better it found on the
    way: the last of it is the result, ``interrupted``. Where it had told nothing, the task's own start is.

    Raises:
        SolveError: where there is neither: ``SOLVER_TIMEOUT`` after the wall limit, ``SOLVER_KILLED`` when the child
            died; in any case ``SOLVER_FAILED`` when it raised (``exception`` names the type).
    """
    return _office.run(task)


def get_ready() -> None:
    """Start the child and have it load its code, so that the first who asks for something need not wait for that."""
    run(small_task())


def worker_pid() -> int | None:
    """Process id of the child, ``None`` while there is none."""
    return _office.pid


def close() -> None:
    """End the child; the next task starts a new one."""
    _office.close()


def serve() -> None:
    """The child's life: a task in, a result out, until the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between results
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    from routing.solver.solving import solve

    def tell(news: SearchResult) -> None:
        _send(results, pickle.dumps(_News(news)))

    while True:
        message = tasks.get()
        answer: SearchResult | str
        try:
            task: SearchTask = pickle.loads(message)
            # OR-Tools lets no thread of Python's run between two solutions: this clock needs none.
            faulthandler.dump_traceback_later(task.budget.wall_limit_s + _GOODBYE_S, exit=True)
            answer = solve(task, tell)
        except Exception as error:
            answer = type(error).__name__
        finally:
            faulthandler.cancel_dump_traceback_later()
        _send(results, pickle.dumps(answer))


def _listen(pipe: IO[bytes], tasks: queue.SimpleQueue[bytes]) -> None:
    """Hand the tasks on. A closed pipe ends the child even in the middle of a search: nobody waits for the answer."""
    while (message := _receive(pipe)) is not None:
        tasks.put(message)
    os._exit(0)


@dataclass(frozen=True, slots=True)
class _News:
    """Something better, told on the way."""

    result: SearchResult


class _Office:
    """The parent's side: at most one child, one task at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.pid if child is not None else None

    def run(self, task: SearchTask) -> SearchResult:
        with self._turn:
            child = self._child
            if child is None or child.poll() is not None:
                self._bury()
                child = self._child = _start()
            try:
                answer = _ask(child, task)
            except BaseException:  # also Ctrl-C: a child in the middle of a task is of no use to the next
                self._bury()
                raise
            if isinstance(answer, SearchResult) and answer.interrupted:
                self._bury()
        if isinstance(answer, str):
            raise SolveError("SOLVER_FAILED", f"search raised {answer}", exception=answer)
        return answer

    def close(self) -> None:
        with self._turn:
            child = self._child
            if child is not None and child.stdin is not None:
                with contextlib.suppress(OSError):
                    child.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(_GOODBYE_S)
            self._bury()

    def leave(self) -> None:
        """When the interpreter ends: do not wait for a search that a forgotten thread began."""
        if self._turn.acquire(blocking=False):
            self._turn.release()
            self.close()
        elif (child := self._child) is not None:
            child.kill()
            child.wait()

    def forget(self) -> None:
        """After a fork the child belongs to the other process: leave it alone."""
        inherited, self._child = self._child, None
        self._turn = threading.Lock()
        if inherited is not None:
            for pipe in (inherited.stdin, inherited.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        os.close(pipe.fileno())
            inherited.returncode = 0  # nothing to wait for here

    def _bury(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _ask(child: subprocess.Popen[bytes], task: SearchTask) -> SearchResult | str:
    """Send a task and wait for the answer; a timer kills the child at the wall limit, which ends the wait."""
    assert child.stdin is not None
    assert child.stdout is not None
    overdue = threading.Event()

    def put_an_end() -> None:
        overdue.set()
        child.kill()

    alarm = threading.Timer(task.budget.wall_limit_s, put_an_end)
    alarm.daemon = True
    alarm.start()
    known = SearchResult(task.start) if task.start else None
    answer: SearchResult | _News | str | None = None
    try:
        _send(child.stdin, pickle.dumps(task))
        while (message := _receive(child.stdout)) is not None:
            answer = pickle.loads(message)
            if not isinstance(answer, _News):
                return answer
            if answer.result.orders is not None:
                known = answer.result
    except (OSError, EOFError, pickle.UnpicklingError):
        pass  # the child ended in the middle of a word
    finally:
        alarm.cancel()
    if known is not None:
        return replace(known, interrupted=True)
    if overdue.is_set():
        raise SolveError("SOLVER_TIMEOUT", "the search did not end in time", limit_s=round(task.budget.wall_limit_s))
    raise SolveError("SOLVER_KILLED", "the search process died")


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes | None:
    """One message, or ``None`` at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = pipe.read(length)
    return message if len(message) == length else None


_office = _Office()
atexit.register(_office.leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_office.forget)
