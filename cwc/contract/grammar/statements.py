"""Rules of statements: what is defined at module level, how functions begin, and what an assignment binds."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from cwc.contract.finding import NOT_IN_GRAMMAR, UNKNOWN_NAME
from cwc.contract.grammar.inspection import Inspection
from cwc.contract.grammar.production import Parts, Symbol
from cwc.contract.grammar.roles import BODY, CONSTANTS, COROUTINES, FUNCTIONS, STEP_FUNCTION, Kind
from cwc.contract.grammar.rules import is_refusal_name

_BINDING: dict[Kind, Symbol] = {
    Kind.BOUND: "tool part",
    Kind.CONTRACT: "contract check",
    Kind.CONSTANT: "new constant",
    Kind.DECISION: "new decision",
}


def single(field: str) -> Callable[[Inspection, cst.CSTNode], None]:
    """A field that holds a sequence holds one node."""

    def rule(inspection: Inspection, node: cst.CSTNode) -> None:
        for surplus in getattr(node, field)[1:]:
            inspection.report(NOT_IN_GRAMMAR, surplus, f"more than one stands where {type(node).__name__} has one")

    return rule


def required(field: str) -> Callable[[Inspection, cst.CSTNode], None]:
    """A field that may be left out is not."""

    def rule(inspection: Inspection, node: cst.CSTNode) -> None:
        if getattr(node, field) is None:
            inspection.report(NOT_IN_GRAMMAR, node, f"{type(node).__name__} stands without its {field}")

    return rule


def handler(inspection: Inspection, node: cst.ExceptHandler) -> Parts:
    """A handler says what it is for. For what outputs are refused with, it does nothing: what follows gives them."""
    required("type")(inspection, node)
    is_refusal = isinstance(node.type, cst.Name) and is_refusal_name(node.type.value)
    return {"type": "caught class", "name": "handler name", "body": "nothing" if is_refusal else "block"}


def constant(inspection: Inspection, node: cst.Assign | cst.AnnAssign) -> Parts:
    """A module-level assignment: of a form that is on the list, by its names and by what makes its value."""
    targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
    names = [name for target in targets for name in _names(target)]
    maker = _maker(node.value)
    form = next((each for each in CONSTANTS if each.made_by == maker), None)
    if form is None or not all(form.names.fullmatch(name) for name in names) or len(targets) != 1:
        shown = ", ".join(names)
        inspection.report(NOT_IN_GRAMMAR, node, f"generated modules do not define {shown} by {maker}")
    bound = _BINDING[Kind.CONSTANT if form is None else form.kind]
    if isinstance(node, cst.AnnAssign):
        return {"annotation": "annotation", "value": "constant", "target": bound}
    return {"value": "constant", "targets": bound}


def function(inspection: Inspection, node: cst.FunctionDef) -> None:
    """A function whose name says what it is, and whether it is a coroutine."""
    name, is_async = node.name.value, node.asynchronous is not None
    inspection.bind(node.name, Kind.FUNCTION)
    role = next((role for form, role in FUNCTIONS if form.fullmatch(name)), None)
    if role is None:
        inspection.report(UNKNOWN_NAME, node.name, f"generated modules have no function {name!r}")
        role = STEP_FUNCTION
    if is_async != name.endswith("_async"):
        inspection.report(NOT_IN_GRAMMAR, node.name, "coroutines, and they only, are named `…_async`")
    parameters = tuple(parameter.name.value for parameter in node.params.params)
    if role.parameters is not None and parameters != role.parameters:
        inspection.report(UNKNOWN_NAME, node.params, f"{name!r} takes {', '.join(role.parameters)}")
    inspection.enter_function(role, is_async=is_async)


def coroutine(inspection: Inspection, node: cst.FunctionDef) -> None:
    """A coroutine inside of the body of the async lane. What it binds is known to the body from there on as well."""
    name = node.name.value
    if inspection.role is not BODY or not inspection.is_async or node.asynchronous is None:
        inspection.report(
            NOT_IN_GRAMMAR, node.name, "functions stand in functions only as coroutines of the async body"
        )
    if not COROUTINES.fullmatch(name):
        inspection.report(UNKNOWN_NAME, node.name, f"bodies have no coroutine {name!r}")
    inspection.bind(node.name, Kind.COROUTINE)


def at_most_done(inspection: Inspection, node: cst.Parameters) -> None:
    """The parameters of a coroutine: none, or what came of the steps that it waited for."""
    names = [parameter.name.value for parameter in node.params]
    if names not in ([], ["done"]):
        inspection.report(UNKNOWN_NAME, node, "coroutines of a body take nothing but 'done'")


def assignment(inspection: Inspection, node: cst.Assign) -> Parts:
    """An assignment in a function: of the steps, each to its name, or of a value to locals."""
    single("targets")(inspection, node)
    of_steps = isinstance(node.value, cst.Name) and node.value.value == "steps"
    is_unpacked = isinstance(node.targets[0].target, cst.Tuple)
    return {"value": "expression", "targets": "new step" if of_steps and is_unpacked else "new local"}


def _names(target: cst.BaseExpression) -> list[str]:
    if isinstance(target, cst.Tuple):
        return [name for element in target.elements for name in _names(element.value)]
    return [target.value] if isinstance(target, cst.Name) else []


def _maker(value: cst.BaseExpression | None) -> str:
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        return value.func.value
    return type(value).__name__
