"""Measure the window: ``python -m guiapp.ui.speed start|parity|delay``; the last line of the output is JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping


def main() -> int:
    """Run one measurement and print it."""
    parser = argparse.ArgumentParser(description="Measure the window.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    start = kinds.add_parser("start", help="start-up and memory")
    start.add_argument("--since", type=float, default=time.time(), help="when the process was started, seconds since 1970")
    parity = kinds.add_parser("parity", help="the parity plot with many points")
    parity.add_argument("--points", type=int, default=1_000_000)
    delay = kinds.add_parser("delay", help="the event loop while a benchmark runs")
    delay.add_argument("--frames", type=int, default=500)
    options = parser.parse_args()
    answer: Mapping[str, object]
    # Each is imported when asked for: start-up must not wait for what the others need.
    if options.kind == "start":
        from guiapp.ui.speed.start import measure_start  # noqa: PLC0415

        answer = measure_start(options.since)
    elif options.kind == "parity":
        from guiapp.ui.speed.parity import measure_parity  # noqa: PLC0415

        answer = measure_parity(options.points)
    else:
        from guiapp.ui.speed.event_loop import measure_delay  # noqa: PLC0415

        answer = measure_delay(options.frames)
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
