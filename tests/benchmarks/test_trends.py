"""Whether growth is told from noise whose neighbours are alike."""

import numpy as np
import pytest

from benchmarks.trends import trend

SECONDS = np.arange(0, 40 * 60, 10.0)
NOISE = np.random.default_rng(7).normal(scale=0.1, size=len(SECONDS))


def wavering(rng: np.random.Generator, alike: float) -> np.ndarray:
    """Return 40 minutes of a process without growth, each minute like the one before it."""
    minutes = np.zeros(140)
    for place in range(1, len(minutes)):
        minutes[place] = alike * minutes[place - 1] + rng.normal()
    return np.repeat(1000 + minutes[-40:], 6)


def test_the_slope_is_that_of_an_hour_whatever_a_moment_does() -> None:
    values = 1000 + 60 * SECONDS / 3600 + NOISE
    values[::6] += 500  # one reading of each minute
    found = trend(SECONDS.tolist(), values.tolist())
    assert found is not None
    assert found.slope == pytest.approx(60, abs=1)
    assert found.minutes == 40
    assert found.growth == pytest.approx(0.04, rel=0.05)
    assert found.verdict == "GROWS"


def test_what_wavers_without_growing_is_flat_at_nearly_the_promised_rate() -> None:
    rng = np.random.default_rng(0)
    found = [trend(SECONDS.tolist(), wavering(rng, 0.8).tolist()) for _ in range(300)]
    covered = [abs(one.slope) <= one.margin for one in found if one is not None]
    assert np.mean(covered) > 0.88
    assert sum(one.verdict == "GROWS" for one in found if one is not None) < 0.06 * len(found)


def test_growth_below_a_hundredth_is_flat_and_a_few_minutes_say_nothing() -> None:
    found = trend(SECONDS.tolist(), (1000 + NOISE + 9 * SECONDS / SECONDS.max()).tolist())
    assert found is not None
    assert found.slope > found.margin
    assert found.verdict.startswith("flat: ")
    assert trend(SECONDS[:48].tolist(), SECONDS[:48].tolist()) is None
