"""`python -m benchmarks.run [--quick]`: each scenario with its peers in one process, as ratios to hand-written code."""

from __future__ import annotations

import argparse
import platform
import sys

from benchmarks import linear
from benchmarks.measure import measure

STEPS = (5, 50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    quick = parser.parse_args().quick
    rounds, seconds = (5, 0.01) if quick else (25, 0.04)
    sys.stdout.write(f"{platform.python_implementation()} {platform.python_version()}, {rounds} rounds\n")
    for steps in STEPS:
        sys.stdout.write(f"\nlinear, {steps} steps (time a run; ratio to hand-written: median [10 % .. 90 %])\n")
        for figure in measure(linear.contenders(steps), "hand-written", rounds=rounds, seconds=seconds):
            sys.stdout.write(
                f"  {figure.name:14} {figure.microseconds:10.2f} us  x{figure.ratio:7.2f}"
                f"  [{figure.low:.2f} .. {figure.high:.2f}]\n"
            )


if __name__ == "__main__":
    main()
