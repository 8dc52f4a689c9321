"""Time calls side by side: they take turns, so that a change in the load meets all."""

import statistics
import time


def take_turns(calls, repeats):
    """One list of seconds for each named call, after one call each that is not timed."""

    def seconds(call):
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    for call in calls.values():
        call()
    turns = [
        {name: seconds(call) for name, call in calls.items()} for _ in range(repeats)
    ]
    return {name: [turn[name] for turn in turns] for name in calls}


def ratio(times, name, other):
    """The median of the ratios of each turn, and in brackets the ratio of the minima."""
    pairs = zip(times[name], times[other], strict=True)
    median = statistics.median(a / b for a, b in pairs)
    return f"{median:.2f} ({min(times[name]) / min(times[other]):.2f})"
