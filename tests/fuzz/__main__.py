"""`python -m tests.fuzz [TARGET…] [--seconds N] [--seed N]`: fuzz for a while, by atheris if it is installed.

Without atheris, or with --plain, mutations of good files are read, which finds what is near them. Atheris follows what
the code does with what it reads; it takes one target a process. What fails is left in the working directory.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations")
    parser.add_argument("--plain", action="store_true", help="without atheris")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        _instrumented(options.targets[0], options.seconds)
    from tests.fuzz.targets import TARGETS

    chosen = options.targets or list(TARGETS)
    unknown = [name for name in chosen if name not in TARGETS]
    if unknown:
        parser.error(f"no target {unknown[0]!r}; there are {', '.join(TARGETS)}")
    seconds = options.seconds / len(chosen)
    if options.plain or find_spec("atheris") is None:
        if not options.plain:
            print("atheris is not installed (pip install '.[fuzz]'): mutations of good files instead")
        return max(plain(name, seconds, options.seed) for name in chosen)
    return max(_in_a_process(name, seconds) for name in chosen)


def plain(name: str, seconds: float, seed: int) -> int:
    """Read mutations of a target's seeds for a while; 1 if a file made cwc fail, which is then left here, else 0."""
    from tests.fuzz.mutations import mutated
    from tests.fuzz.targets import TARGETS

    target, chance = TARGETS[name], random.Random(seed)
    count, until = 0, time.monotonic() + seconds
    while count == 0 or time.monotonic() < until:
        data = mutated(target.seeds, chance.randrange)
        try:
            target.read(data)
        except Exception as error:
            file = Path(f"crash-{name.replace(' ', '-')}")
            file.write_bytes(data)
            print(f"{name}: {type(error).__name__}: {error} after {count:,} files; the file is {file}")
            return 1
        count += 1
    print(f"{name}: {count:,} files, nothing found")
    return 0


def _in_a_process(name: str, seconds: float) -> int:
    command = [sys.executable, "-m", "tests.fuzz", "--one", "--seconds", str(seconds), name]
    return subprocess.run(command, check=False).returncode


def _instrumented(name: str, seconds: float) -> None:
    """Fuzz one target by atheris, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["cwc"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        limits = [f"-max_total_time={max(1, round(seconds))}", "-timeout=60", "-max_len=20000", "-rss_limit_mb=4096"]
        prefix = f"-artifact_prefix=crash-{name.replace(' ', '-')}-"
        atheris.Setup([sys.argv[0], *limits, prefix, corpus], target.read)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
