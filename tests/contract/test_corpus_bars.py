"""The bars of the contract checker over the adversarial corpus. Printed by topic with ``-rP``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.contract.corpus_score import Tally, contract, judge_packages, judge_snippets

BARS = {"core": 0.98, "extended": 0.85, "fine": 0.99}


def show(name: str, tally: Tally) -> None:
    sys.stdout.write(f"{name}: {tally.share:.1%} of {tally.total}\n")
    sys.stdout.writelines(f"    {line}\n" for line in tally.wrong)


@pytest.mark.parametrize("kind", BARS)
def test_snippets(kind: str, tmp_path: Path) -> None:
    tallies = judge_snippets(kind, tmp_path, contract)
    every = Tally()
    for topic, tally in tallies.items():
        show(topic, tally)
        every.total += tally.total
        every.wrong += tally.wrong
    assert every.share >= BARS[kind], "\n".join(every.wrong)


def test_packages(tmp_path: Path) -> None:
    for name, tally in zip(("with something to find", "clean"), judge_packages(tmp_path, contract), strict=True):
        show(name, tally)
        assert not tally.wrong
