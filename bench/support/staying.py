"""A process that stays and brings the tables up to date once for each line on its input, as the worker's processes do.

What each run cost is a line on its output: seconds until the tables were up to date, seconds of CPU, in which is what
the worker prepares after a run for the next one, and MB at the peak so far.
"""

import resource
import sys
import time

import django
from django.conf import settings
from django.utils import timezone

from stockcompare.beginning import begin


def main(tables: tuple[str, ...]) -> None:
    begin()
    django.setup()
    from analytics.jobs.report import ProcessRequest
    from analytics.jobs.run import process_prices
    from market.lake.location import configured_lake
    from market.progress import SilentProgress
    from stockcompare.work import prepare_next

    for _ in sys.stdin:
        began, cpu = time.perf_counter(), time.process_time()
        request = ProcessRequest("embedded", tables=tables, universe=tuple(settings.PRICES_SYMBOLS))
        process_prices(request, configured_lake(), timezone.now(), SilentProgress())
        wall = time.perf_counter() - began
        prepare_next(configured_lake())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(wall, time.process_time() - cpu, peak, flush=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
