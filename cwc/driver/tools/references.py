"""Every class that flow files refer to, resolved once for the whole build set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cwc.driver.config import ProjectConfig
from cwc.driver.tools.toolbox import resolve_references
from cwc.language import Document
from cwc.language.references import Reference, parse_reference
from cwc.plan.tools import Toolbox, ToolSpec


def gather_toolbox(
    specs: Mapping[str, ToolSpec], documents: Iterable[Document], config: ProjectConfig | None
) -> Toolbox:
    """The tools, and the classes that documents name. ``config`` says which modules may be imported; None: all."""
    models, errors = references_of(documents)
    return resolve_references(specs, models, errors, config)


def references_of(documents: Iterable[Document]) -> tuple[dict[str, Reference], dict[str, Reference]]:
    """The references to models and to exception classes, by their text."""
    documents = list(documents)
    models = _parsed(ref for document in documents for ref in _model_references(document))
    errors = _parsed(ref for document in documents for ref in _error_references(document))
    return models, errors


def _model_references(document: Document) -> Iterator[str]:
    flow = document.flow
    yield from filter(None, (flow.input_schema_ref, flow.output_schema_ref, flow.context_schema_ref))
    for step in filter(None, flow.steps):
        yield from filter(None, (step.input_contract, step.output_contract))


def _error_references(document: Document) -> Iterator[str]:
    for step in filter(None, document.flow.steps):
        if step.retry is not None:
            yield from step.retry.retryable_errors


def _parsed(texts: Iterable[str]) -> dict[str, Reference]:
    """References by their text; what is no reference was reported when the document was read."""
    read = {text: parse_reference(text) for text in texts}
    return {text: reference for text, reference in read.items() if isinstance(reference, Reference)}
