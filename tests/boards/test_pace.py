import time
from concurrent.futures import ThreadPoolExecutor

from fashiongen.boards.pace import Pace


def test_n_turns_take_at_least_n_minus_one_intervals_over_all_threads():
    pace = Pace(100.0, backoff_s=0.0, max_backoff_s=1.0)
    start_s = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait(), range(21)))
    assert time.monotonic() - start_s >= 20 / 100
