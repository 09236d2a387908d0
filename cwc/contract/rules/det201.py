"""DET201: values drawn from a random generator."""

from __future__ import annotations

import ast

from cwc.contract.rules.rule import Rule, Use, banned, defined, fine


def _unseeded(use: Use) -> bool:
    """A generator that is not seeded, or seeded where the project does not allow it."""
    if use.call is None:
        parent = use.look.parent(use.node)
        return not (
            isinstance(parent, ast.Call) and use.look.names(parent.func) & {"builtins.isinstance", "typing.cast"}
        )
    return not (use.look.config.allow_seeded_random and _is_seeded(use))


def _is_seeded(use: Use) -> bool:
    assert use.call is not None
    given = [*use.call.args, *(keyword.value for keyword in use.call.keywords)]
    return bool(given) and not any(isinstance(each, ast.Constant) and each.value is None for each in given)


RULE = Rule(
    definition=defined("DET201", "randomness", "error", "A value is drawn from a random generator"),
    instead="take the value, or a seed, as an input of the flow",
    members={
        **banned("""
            random.* secrets.* os.urandom os.getrandom numpy.random.* numpy.random.mtrand.* ssl.RAND_bytes
            ssl.RAND_pseudo_bytes
            torch.rand torch.randn torch.randint torch.randperm torch.rand_like torch.randn_like torch.randint_like
            torch.normal
            torch.bernoulli torch.multinomial torch.seed torch.manual_seed torch.initial_seed torch.random.*
            tensorflow.random.*
            cupy.random.* scipy.stats.norm.rvs faker.* crypt.mksalt
            email.generator._make_boundary
        """),
        **banned(
            "random.Random numpy.random.default_rng numpy.random.RandomState numpy.random.Generator", when=_unseeded
        ),
        **fine("secrets.compare_digest random.Random.* numpy.random.RandomState.* numpy.random.Generator.*"),
    },
)  # fmt: skip
