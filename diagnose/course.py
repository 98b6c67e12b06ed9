"""How far a run has come and how long it will go on, from what its stages usually take.

Two sources: what each stage takes on an idle machine (the plan), and how much slower or faster this run has
been so far. What is shown never jumps: it counts down with the clock and leans towards the newest estimate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

PRIOR_SECONDS = 20.0  # of usual work that the plan is believed for: less measured work changes little
CARRIED = 0.5  # power of a pace that other stages share: a busy machine slows all, a large log only some
OWN_SHARE = 0.05  # of a stage, likewise, before its own pace is believed
TAKEN_OVER = 20.0  # times as fast as usual: that was not worked but taken over from an earlier run
OVERDUE = 0.1  # of its time so far that a stage which should be over is given
LEAN_SECONDS = 8.0  # in which what is shown comes most of the way to the estimate
STEEPEST = 0.03  # of itself, a second: faster than so nothing shown rises or falls beside the clock


class Course:
    """Follows a run through the stages of its plan. Seconds of `clock` throughout."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.began = clock()
        self.plan: dict[str, float] = {}
        self.stage = ""
        self._stage_began = self._told_at = self.began
        self._fraction = self._worked = 0.0  # of the stage: reported, and of it what took time
        self._usual = self._taken = 0.0  # seconds of all stages that ended: by the plan, in fact
        self._shown: tuple[float, float, float] | None = None  # seconds left: shown, estimated; and when

    def expect(self, seconds: Mapping[str, float]) -> None:
        """What stages usually take, in their order; said again where it is better known."""
        self.plan |= seconds

    def begin(self, stage: str) -> None:
        """A stage begins; the one before has ended."""
        self._close()
        self.stage, self._stage_began = stage, self.clock()
        self._told_at, self._fraction, self._worked = self._stage_began, 0.0, 0.0

    def advance(self, fraction: float) -> None:
        """The stage is so far (0 to 1)."""
        now, gained = self.clock(), fraction - self._fraction
        if gained * self.plan.get(self.stage, 0.0) <= TAKEN_OVER * (now - self._told_at):
            self._worked += gained
        else:
            self._shown = None  # so much less is left at once: that is no jump but news
        self._fraction, self._told_at = fraction, now

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self.began

    def left(self) -> float | None:
        """Seconds that are likely left, as they are to be shown; None where nothing was planned."""
        if not self.plan:
            return None
        now, estimate = self.clock(), self._estimate()
        if self._shown is None:
            self._shown = (estimate, estimate, now)
            return estimate
        before, since = self._shown[0], now - self._shown[2]
        counted = max(0.0, before + min(0.0, max(-since, estimate - self._shown[1])))
        step = (estimate - counted) * -math.expm1(-since / LEAN_SECONDS)
        most = since * max(1.0, STEEPEST * before)
        shown = max(0.0, counted + min(most, max(-most, step)))
        self._shown = (shown, estimate, now)
        return shown

    def share(self) -> float | None:
        """The share of the whole run that is over; None where nothing was planned."""
        left, gone = self.left(), self.elapsed()
        return None if left is None else gone / max(1e-9, gone + left)

    def _close(self) -> None:
        if self.stage in self.plan:
            self._usual += self.plan[self.stage]
            self._taken += self.clock() - self._stage_began
            del self.plan[self.stage]

    def _pace(self) -> float:
        """How much longer than planned things take here: 1 at first, then what stages that ended took."""
        return float(((PRIOR_SECONDS + self._taken) / (PRIOR_SECONDS + self._usual)) ** CARRIED)

    def _estimate(self) -> float:
        pace = self._pace()
        later = sum(seconds for stage, seconds in self.plan.items() if stage != self.stage) * pace
        return later + (self._rest(pace) if self.stage in self.plan else 0.0)

    def _rest(self, pace: float) -> float:
        """What the present stage still needs: by its own pace where it tells how far it is."""
        usual, gone = self.plan[self.stage], self.clock() - self._stage_began
        told = self._told_at - self._stage_began
        believed = OWN_SHARE * usual
        own = (believed * pace + told) / (believed + self._worked * usual) if self._worked else pace
        rest = (1 - self._fraction) * usual * own - (self.clock() - self._told_at)
        return max(rest, OVERDUE * gone * (1 - self._fraction))


def roughly(seconds: float) -> str:
    """'about 3 min left': no finer than it is known."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {10 * math.ceil(seconds / 10)} s left"
    if seconds < 5_400:
        return f"about {max(1, round(seconds / 60))} min left"
    return f"about {seconds / 3_600:.1f} h left".replace(".0 h", " h")
