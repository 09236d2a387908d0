"""Every kind of finding has an explain page, and the wrong and the right example of every page are run by some test."""

from __future__ import annotations

from collections import Counter

from cwc.contract.rules.rule import PAGES as RULE_PAGES
from cwc.diagnostics.pages import PAGES
from cwc.driver.catalogue import all_definitions
from tests.contract.checking import RULES as OF_CODE
from tests.contract.test_contract_pages import RULES
from tests.unit.checks.test_check_pages import OF_FLOWS
from tests.unit.cli.test_command_pages import OF_COMMANDS
from tests.unit.diagnostics.test_pages import OWN as OF_PROJECTS
from tests.unit.language.test_pages import OWN as OF_READING


def test_every_definition_has_a_page_and_every_page_a_definition() -> None:
    for folder in (PAGES, RULE_PAGES):
        definitions = {each.code for each in all_definitions() if (each.pages or PAGES) == folder}
        assert {path.stem for path in folder.glob("*.md")} == definitions


def test_every_page_is_run() -> None:
    tested = Counter(entry.code for group in (OF_FLOWS, OF_COMMANDS, OF_PROJECTS, OF_READING, RULES) for entry in group)
    tested.update(OF_CODE)
    assert sorted(tested) == [definition.code for definition in all_definitions()]


def test_codes_and_slugs_are_stable_words() -> None:
    definitions = all_definitions()
    assert len({definition.slug for definition in definitions}) == len(definitions)
    assert all(definition.summary and not definition.summary.endswith(".") for definition in definitions)


def test_the_words_of_the_reference_are_slugs() -> None:
    """SEMANTICS B 3.3, 3.4, 9.1 and 10.2."""
    words = """
        missing_tool missing_fallback_tool unknown_target_key missing_mapping_key missing_required_input
        fallback_unknown_target_key fallback_missing_required_input fallback_output_missing_mapped_key
        unknown_output_key output_schema_gap shadowed_key context_collision fallback_output_shape_divergence
        type_mismatch fallback_type_mismatch fallback_output_type_mismatch output_type_mismatch unsafe_retry
        duplicate_step_id unknown_dependency cycle unknown_branch_target max_depth_exceeded unknown_flow
    """
    assert set(words.split()) <= {definition.slug for definition in all_definitions()}
