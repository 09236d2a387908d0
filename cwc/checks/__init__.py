"""What is wrong with a flow: one module a family. A check looks at a plan and adds to the report."""

from __future__ import annotations

from collections.abc import Callable

from cwc.checks.bindings import check_bindings
from cwc.checks.branches import check_branches
from cwc.checks.collisions import check_collisions
from cwc.checks.contracts import check_contracts
from cwc.checks.effects import check_effects
from cwc.checks.fallbacks import check_fallbacks
from cwc.checks.literals import check_literals
from cwc.checks.outcome import check_output_schema, check_output_types, check_shadowing
from cwc.checks.pointers import check_pointers
from cwc.checks.scheduling import check_scheduling
from cwc.checks.snapshot import check_snapshot
from cwc.checks.subflows import check_subflows
from cwc.checks.types import check_types
from cwc.checks.unread import check_unread
from cwc.checks.whole import check_whole_contexts
from cwc.diagnostics.model import Report
from cwc.plan.model import Plan

CHECKS: tuple[Callable[[Plan, Report], None], ...] = (
    check_bindings,
    check_whole_contexts,
    check_pointers,
    check_fallbacks,
    check_subflows,
    check_types,
    check_literals,
    check_contracts,
    check_branches,
    check_scheduling,
    check_collisions,
    check_output_schema,
    check_output_types,
    check_shadowing,
    check_unread,
    check_snapshot,
    check_effects,
)
