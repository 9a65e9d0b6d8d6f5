"""The first instant at which a curve leaves a region. Knows monotone parts, knows no leads.

Positive parts only fall, negative parts only rise, silence only takes. So over (a, b] the score lies
between `at(b, a, b)` and `at(a, b, a)`. Where both lie in the region, so does everything between; that
is why no crossing can be skipped.
"""

from __future__ import annotations

from math import log
from typing import Final

from mypy_extensions import mypyc_attr

from scorer.domain.curve import NEVER, Curve
from scorer.domain.instants import GRID_US, grid_from, on_grid, times
from scorer.domain.model import DAY_US
from scorer.domain.plan import SilencePlan
from scorer.domain.regions import Region

STEPS: Final = 16
"""Leaps of `_leap` before halving takes over; in practice two or three are enough."""

FIRST_STRIDE_US: Final = 4 * DAY_US
LAST_STRIDE_US: Final = DAY_US // 24
WORTHWHILE_US: Final = DAY_US // 4
"""A stretch that is known to fall is searched as one when it is at least this long."""


@mypyc_attr(acyclic=True)
class Slope:
    """A function of lead time that only falls, taken from a curve. A class, not a closure: compiled,
    its calls are direct, and it is called a dozen times for every lead that has a next crossing.
    """

    __slots__ = ("curve", "frozen", "rising")

    def __init__(self, curve: Curve, frozen: int | None, *, rising: bool = False) -> None:
        self.curve = curve
        self.frozen: float = NEVER if frozen is None else float(frozen)
        self.rising = rising

    def at(self, tau: float) -> float:
        """The score, if it falls by itself; with what rises frozen; or upside down, what rises alone."""
        if self.rising:
            return -self.curve.at(self.frozen, tau, self.frozen)
        return self.curve.at(tau, tau if self.frozen == NEVER else self.frozen, tau)

    def rest(self, lo: int) -> float:
        """Where decay alone takes it in the end, with the silence of `lo`."""
        if self.rising:
            return -self.curve.at(self.frozen, NEVER, self.frozen)
        return self.curve.at(NEVER, lo if self.frozen == NEVER else self.frozen, lo)


def stays_for_ever(curve: Curve, region: Region, lo: int) -> bool:
    """Whether the bounds over all time after `lo` lie in the region, well clear of its edges."""
    if region.low > -NEVER and curve.at(NEVER, lo, NEVER) < region.low + 1e-6:
        return False
    return curve.falls or region.high == NEVER or curve.at(lo, NEVER, lo) <= region.high - 1e-6


def first_outside(curve: Curve, region: Region, lo: int, hi: int) -> int | None:
    """The first grid instant in (lo, hi] at which the curve is outside the region."""
    lo, hi = on_grid(lo), grid_from(hi)
    while lo < hi:
        until = hi if curve.falls else on_grid(curve.falls_until(lo, hi))
        if until - lo >= WORTHWHILE_US or until == hi:
            # Points won are going faster than points lost are forgiven: one falling stretch.
            found = _first_below(curve, region.low, lo, until, None)
            if found is not None or until == hi:
                return found
            lo = until
        else:
            to = _strides(curve, region, lo, hi)
            if to == lo:
                return _leaps(curve, region, lo, hi)
            lo = to
    return None


def _leaps(curve: Curve, region: Region, lo: int, hi: int) -> int | None:
    """The same, close to where one of the bounds leaves."""
    for _ in range(STEPS):
        leap = _leap(curve, region, lo, hi)
        if leap is None:
            return None
        if not region.holds(curve.at(leap, leap, leap)):
            return leap
        lo = leap
    return _halved(curve, region, lo, hi)


def _strides(curve: Curve, region: Region, lo: int, hi: int) -> int:
    """An instant up to which both bounds stay in the region, found with strides that grow while they
    do and shrink when they do not. Either `hi`, or within an hour of where a bound leaves.
    """
    stride = FIRST_STRIDE_US
    while lo < hi:
        to = min(lo + stride, hi)
        if curve.at(to, lo, to) >= region.low and curve.at(lo, to, lo) <= region.high:
            lo = to
            stride += stride
        elif stride <= LAST_STRIDE_US:
            break
        else:
            stride //= 4
    return lo


def _leap(curve: Curve, region: Region, lo: int, hi: int) -> int | None:
    """The first instant at which one of the bounds from `lo` leaves the region: nothing lies before it."""
    down = _first_below(curve, region.low, lo, hi, lo)
    if region.high == NEVER:
        return down
    end = hi if down is None else down
    if curve.at(lo, end, lo) <= region.high:
        return down
    # The upper bound only rises: upside down it falls like any other.
    return _smooth(Slope(curve, lo, rising=True), -region.high, lo, end)


def _halved(curve: Curve, region: Region, lo: int, hi: int) -> int | None:
    """Plain halving with the same bounds: slow, and sure to end."""
    pending = [(lo, hi)]
    while pending:
        a, b = pending.pop()
        first = a + GRID_US
        if curve.at(b, first, b) >= region.low and curve.at(first, b, first) <= region.high:
            continue
        if b == first:
            return b
        middle = on_grid((a + b) // 2)
        pending += [(middle, b), (a, middle)]
    return None


def _first_below(curve: Curve, bound: float, lo: int, hi: int, frozen: int | None) -> int | None:
    """The first grid instant in (lo, hi] at which a falling score is below a bound.

    `frozen`: negative parts as of that instant, which makes any curve fall; None: it falls anyway.
    """
    if bound == -NEVER:
        return None

    slope = Slope(curve, frozen)
    if slope.at(hi) >= bound:
        return None
    for part in curve.parts:
        if part.silence is not None and part.silence.lose > 0 and not part.silence.half_life_us:
            lo, hi = _silent_step(part.anchor, part.silence, slope, bound, lo, hi)
    if hi - lo <= GRID_US:
        return hi
    return _smooth(slope, bound, lo, hi)


def _step(start: int, every: int, k: int) -> int:
    """The grid instant of the k-th step of silence."""
    return grid_from(start + times(every, k))


def _silent_step(
    anchor: int,
    silence: SilencePlan,
    slope: Slope,
    bound: float,
    lo: int,
    hi: int,
) -> tuple[int, int]:
    """Narrow (lo, hi] to between two steps of silence, or to the grid instant of one step."""
    start, every = anchor + silence.after_us, silence.every_us
    first = max((lo - start) // every + 1, 1)
    last = (hi - start) // every
    if last < first:
        return lo, hi

    top = _step(start, every, last)
    if top < hi and slope.at(top) >= bound:
        return max(lo, top), hi
    # The loss alone gets there in this many steps, and the decay only helps.
    now = slope.at(max(lo, _step(start, every, first - 1)))
    last = min(last, first + max(int((now - bound) / silence.lose) + 1, 0))
    guess = last - (last - first) // 4  # the decay usually helps a little
    while first < last:
        if slope.at(_step(start, every, guess)) < bound:
            last = guess
            guess = max(first, guess - 1) if guess - first < 4 else (first + guess) // 2
        else:
            first = guess + 1
            guess = min(first, last - 1) if last - first < 4 else (first + last) // 2
    at = _step(start, every, first)
    if slope.at(at) >= bound:
        return at, hi  # silence has taken all it can; the rest is decay
    before = at - GRID_US
    if first > 1:
        lo = max(lo, _step(start, every, first - 1))
    if before <= lo or slope.at(before) >= bound:
        return before, at
    return lo, before


def _smooth(slope: Slope, bound: float, lo: int, hi: int) -> int:
    """The first grid instant in (lo, hi] at which a falling function is below a bound.

    It must not be below at `lo` and be below at `hi`. Exponential interpolation towards its rest, kept
    honest by a bracket: one half-life is hit at once, several, or caps, take a few rounds. Each round
    looks a second time, as far beyond the first guess as the rate of the fall says that the root lies.
    """
    rest = slope.rest(lo) - 1e-9
    at_lo, at_hi = slope.at(lo), slope.at(hi)
    interpolate = True
    while hi - lo > GRID_US:
        width = hi - lo
        guess = (lo + hi) // 2
        fall = 0.0
        if interpolate and at_lo > at_hi > rest and at_lo > bound > rest:
            fall = log((at_lo - rest) / (at_hi - rest))
            if fall > 0.0:  # two scores that differ in their last bit may be as far from their rest
                share = log((at_lo - rest) / (bound - rest)) / fall
                guess = lo + int(width * min(max(share, 0.0), 1.0))
        guess = min(max(on_grid(guess), lo + GRID_US), hi - GRID_US)
        value = slope.at(guess)
        off = GRID_US
        if fall > 0.0 and value > rest:
            away = abs(log((value - rest) / (bound - rest))) * width / fall
            off += on_grid(int(min(away, float(width))))
        if value < bound:
            hi, at_hi, near = guess, value, guess - off
        else:
            lo, at_lo, near = guess, value, guess + off
        if lo < near < hi:  # the root is most likely between the two
            value = slope.at(near)
            if value < bound:
                hi, at_hi = near, value
            else:
                lo, at_lo = near, value
        interpolate = not interpolate or hi - lo < width // 2
    return hi
