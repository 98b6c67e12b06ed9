"""Pieces of work side by side: order, errors, interrupts."""

import _thread
import signal
import threading
import time
from functools import partial

import pytest

from diagnose.abreast import abreast


@pytest.mark.parametrize("threads", [1, 2, 9])
def test_answers_come_in_the_order_of_the_work(threads):
    """Whoever ends first, and however many threads there are."""

    def late(seconds):
        time.sleep(seconds)
        return seconds

    work = [partial(late, seconds) for seconds in (0.05, 0.0, 0.02)]
    assert abreast(work, threads=threads) == [0.05, 0.0, 0.02]


def test_two_threads_work_at_the_same_time():
    """Each piece waits for the other: one after the other they would wait for ever."""
    met = threading.Barrier(2, timeout=10)
    assert sorted(abreast([met.wait, met.wait], threads=2)) == [0, 1]


def test_one_thread_is_the_callers_own():
    """So that a debugger and a profile see it."""
    assert (
        abreast([threading.current_thread, threading.current_thread], threads=1)
        == [threading.current_thread()] * 2
    )


def test_no_work_is_no_error():
    """Nothing in, nothing out."""
    assert abreast([], threads=2) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_is_raised_at_once(threads):
    """As it was, without waiting for what still runs, and nothing new begins."""
    release, began = threading.Event(), []

    def fails():
        raise ValueError("broken")

    work = [fails, partial(release.wait, 30), partial(began.append, "late")]
    start = time.perf_counter()
    with pytest.raises(ValueError, match="broken"):
        abreast(work if threads == 2 else [fails], threads=threads)
    assert time.perf_counter() - start < 10
    assert not began
    release.set()


@pytest.fixture
def interruptible():
    """A program in the background of a shell starts with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_does_not_wait_for_the_work():
    """Ctrl-C reaches the caller while the threads are busy."""
    release = threading.Event()
    pressed = threading.Timer(0.2, _thread.interrupt_main)
    pressed.start()
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        abreast([partial(release.wait, 30)] * 2, threads=2)
    assert time.perf_counter() - start < 10
    release.set()


def test_linear_algebra_keeps_to_one_thread():
    """Sums must not hang on the cores of a machine."""
    import sklearn.cluster  # noqa: F401  (brings OpenMP, whose threads are counted for each thread apart)
    from threadpoolctl import threadpool_info

    def threads():
        return max((pool["num_threads"] for pool in threadpool_info()), default=1)

    assert abreast([threads, threads], threads=2) == [1, 1]
