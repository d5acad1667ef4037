import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from fashiongen.boards import pace as module
from fashiongen.boards.pace import Pace


def test_n_turns_take_at_least_n_minus_one_intervals_over_all_threads():
    pace = Pace(100.0, backoff_s=0.0, max_backoff_s=1.0)
    start_s = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait(), range(21)))
    assert time.monotonic() - start_s >= 20 / 100


class Clock:
    """Time that passes only while somebody sleeps or works."""

    now_s = 1000.0

    def monotonic(self):
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds


@pytest.mark.parametrize("per_s", [0.2, 3.0, 200.0])
@pytest.mark.parametrize("busy_frac", [0.0, 0.5, 0.99])
def test_the_rate_is_kept_whatever_time_a_request_takes_of_its_interval(monkeypatch, per_s, busy_frac):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    pace = Pace(per_s, backoff_s=0.0, max_backoff_s=1.0)
    turns_s = []
    for _ in range(50):
        pace.wait()
        turns_s.append(clock.now_s)
        clock.sleep(busy_frac / per_s)
    assert 49 / (turns_s[-1] - turns_s[0]) == pytest.approx(per_s, rel=0.1)
    assert min(after - before for before, after in pairwise(turns_s)) > 0.9 / per_s
