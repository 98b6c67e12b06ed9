"""Pieces of work that do not hang on each other, side by side on the cores.

In threads: numpy lets go of the interpreter, nothing is copied, and no process is started. Each piece has its
own source of chance and linear algebra runs on one thread throughout, so neither the number of threads nor
who ends first changes a digit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Found = TypeVar("Found")

POLL_SECONDS = 0.2  # where a waiting thread cannot be interrupted, Ctrl-C is seen this late


def abreast(work: Sequence[Callable[[], Found]], *, threads: int) -> list[Found]:
    """What each piece finds, in their order; the first error of any of them is raised at once.

    The caller only waits, and a thread that is still at work holds up neither it nor the end of the process:
    so Ctrl-C ends a run at once.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        if min(threads, len(work)) < 2:
            return [piece() for piece in work]
        return _in_threads(work, min(threads, len(work)))


def _in_threads(work: Sequence[Callable[[], Found]], threads: int) -> list[Found]:
    from threadpoolctl import threadpool_limits

    ended: queue.SimpleQueue[tuple[int, Found | None, BaseException | None]] = queue.SimpleQueue()
    waiting, stopped = iter(enumerate(work)), threading.Event()

    def work_alone() -> None:
        with threadpool_limits(1, user_api="openmp"):  # which every thread has a number of its own for
            take_turns()

    def take_turns() -> None:
        while not stopped.is_set() and (turn := next(waiting, None)):  # one step of C: no two get one turn
            place, piece = turn
            try:
                ended.put((place, piece(), None))
            except BaseException as error:
                stopped.set()
                ended.put((place, None, error))

    for _ in range(threads):
        threading.Thread(target=work_alone, daemon=True).start()
    try:
        return _collected(ended, len(work))
    finally:
        stopped.set()


def _collected(
    ended: queue.SimpleQueue[tuple[int, Found | None, BaseException | None]], pieces: int
) -> list[Found]:
    found: dict[int, Found] = {}
    while len(found) < pieces:
        try:
            place, result, error = ended.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        found[place] = result  # type: ignore[assignment]  # without an error there is a result
    return [found[place] for place in range(pieces)]
