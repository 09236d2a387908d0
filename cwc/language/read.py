"""Tree → document: the flow as written, every field checked, every mistake reported at its place."""

from __future__ import annotations

from pathlib import PurePosixPath

from cwc.diagnostics.model import Pointer, Report, define
from cwc.language.describing import describe
from cwc.language.document import DAGFlow, DAGStep, Document, Flow, Step, parse_version
from cwc.language.findings import Findings
from cwc.language.keys import check_keys
from cwc.language.mistakes import IN_QUOTES, MISSING_FIELD, WRONG_TYPE, Mistake
from cwc.language.repair import validate
from cwc.syntax import LIMITS, Tree
from cwc.syntax.entries import with_first_entry
from cwc.syntax.tree import MappingNode

NOT_A_MAPPING = define("CWC101", "not_a_mapping", "error", "A flow file is not a mapping")
UNKNOWN_TYPE = define("CWC102", "unknown_flow_type", "error", "A flow's type is neither Flow nor DAGFlow")
BAD_FORMAT = define(
    "CWC103", "unsupported_format_version", "error", "A flow file is of a format that cwc does not read"
)
BAD_VERSION = define("CWC117", "invalid_version", "error", "A flow's version is none by PEP 440")
CAPABILITY = define("CWC118", "capability_unsupported", "error", "A capability step cannot be compiled")
TOO_MANY_STEPS = define("CWC119", "too_many_steps", "error", "A flow has too many steps")

FORMAT = 1
"""The major number of the flow file format."""
KINDS = ("Flow", "DAGFlow")
HEADER = ("type", "format_version")
ROOT = Pointer()
STEPS = ROOT / "steps"


def read_document(tree: Tree, report: Report) -> Document | None:
    """The document of a flow file; every mistake in it is added to ``report``.

    A document with mistakes is still returned, so that later passes can find more: wrong values are replaced by their
    defaults, a step that cannot be made sense of is None, and one that names neither a tool nor a flow has neither; a
    flow that tells no type is read as what it looks like. None if the file is no mapping, or has no list of steps of a
    length that is allowed.
    """
    data = tree.data()
    if not isinstance(tree.root, MappingNode) or not isinstance(data, dict):
        message = f"a flow file must be a mapping, and this is {describe(data)}"
        Findings(report, tree.source.path).add(NOT_A_MAPPING, message, ROOT)
        return None
    return _Reading(tree, tree.root, data, report).document()


class _Reading:
    """The reading of one file: its root as tree and as plain data, and the findings so far."""

    def __init__(self, tree: Tree, root: MappingNode, data: dict[object, object], report: Report) -> None:
        self.tree, self.root, self.data = tree, root, data
        self.unnamed: set[int] = set()
        self.lost: set[Pointer] = set()
        name = data.get("name")
        self.findings = Findings(report, tree.source.path, name if isinstance(name, str) else None)

    def document(self) -> Document | None:
        kind = self.kind()
        self.check_format()
        steps = self.listed_steps()
        is_dag = kind == "DAGFlow" or (kind is None and _looks_like_dag(steps))
        flow = self.flow(DAGFlow, DAGStep, steps) if is_dag else self.flow(Flow, Step, steps)
        if steps is None:
            return None
        return Document(self.tree, flow, not self.findings.errors, frozenset(self.lost))

    def kind(self) -> str | None:
        """The flow's type, or None where it tells none that there is."""
        kind = self.data.get("type")
        if kind in KINDS:
            return str(kind)
        if "type" in self.data:
            message = f"'type' cannot be {describe(kind)}"
            help = self.findings.did_you_mean(kind, KINDS) or ("it can be Flow or DAGFlow",)
            fix = self.findings.corrected(kind, ROOT / "type", KINDS)
            self.findings.add(UNKNOWN_TYPE, message, ROOT / "type", *help, fix=fix)
        else:
            meant = "DAGFlow" if _looks_like_dag(self.data.get("steps")) else "Flow"
            fix = with_first_entry(self.tree.source, self.root, "type", meant) if self.data.get("steps") else ()
            self.findings.add(
                UNKNOWN_TYPE, "the required field 'type' is missing", ROOT, f"add `type: {meant}`", fix=fix
            )
        return None

    def check_format(self) -> None:
        version = self.data.get("format_version")
        if version is not None and _major(version) != FORMAT:
            message = f"cwc reads flow files of format {FORMAT}, and 'format_version' is {describe(version)}"
            self.findings.add(BAD_FORMAT, message, ROOT / "format_version")

    def listed_steps(self) -> list[object] | None:
        """The steps as plain data, or None where there is no list of them that can be read."""
        if "steps" not in self.data:
            self.findings.add(MISSING_FIELD, "the required field 'steps' is missing", STEPS)
            return None
        steps = self.data["steps"]
        if not isinstance(steps, list):
            self.findings.add(WRONG_TYPE, f"'steps' must be a list, and is {describe(steps)}", STEPS)
            return None
        if len(steps) > LIMITS.steps:
            message = f"the flow has {len(steps):,} steps; the limit is {LIMITS.steps:,}"
            self.findings.add(TOO_MANY_STEPS, message, STEPS)
            return None
        return steps

    def flow(self, model: type[Flow | DAGFlow], step_model: type[Step], steps: list[object] | None) -> Flow | DAGFlow:
        """The flow with its steps. Changes the plain data."""
        check_keys(model, self.root, self.data, ROOT, self.findings, also=HEADER)
        read = [self.step(step_model, index, data) for index, data in enumerate(steps or ())]
        stem = PurePosixPath(self.tree.source.path).name.partition(".")[0]
        fallbacks = {"name": stem, "description": "", "version": Flow.model_fields["version"].default}
        flow = validate(model, {**self.data, "steps": tuple(read)}, fallbacks, lambda mistake: self.note(mistake, ROOT))
        assert flow is not None
        if parse_version(flow.version) is None:
            message = f"{describe(flow.version)} is no version"
            help = "write it by PEP 440, such as '1.2.0'"
            self.findings.add(BAD_VERSION, message, ROOT / "version", help, is_read=True)
        named = [
            step.model_copy(update={"tool_name": None}) if step and at in self.unnamed else step
            for at, step in enumerate(flow.steps)
        ]
        return flow.model_copy(update={"steps": tuple(named)}) if self.unnamed else flow

    def step(self, model: type[Step], index: int, data: object) -> Step | None:
        at = STEPS / index
        if not isinstance(data, dict):
            help = (f"write `tool_name: {data}`",) if isinstance(data, str) and data.isidentifier() else ()
            self.findings.add(WRONG_TYPE, f"a step must be a mapping, and this is {describe(data)}", at, *help)
            return None
        # A DAG step without an id of its own goes by its place: nothing else can mean it.
        names = {"step_id": f"#{index}"} if model is DAGStep else {}
        step = validate(model, data, names, lambda mistake: self.note(mistake, at))
        if step is None and "tool_name" not in data and "flow_name" not in data:
            # It runs nothing, which was noted; all else of it can be looked at.
            stand_in = {**data, "tool_name": "-", "decision_candidates": None}
            step = validate(model, stand_in, names, lambda mistake: self.note(mistake, at))
            self.unnamed.add(index)
        if isinstance(step, DAGStep) and step.step_type == "capability":
            message = "cwc compiles steps that run a tool or a flow, and this one asks a kernel for a capability"
            self.findings.add(CAPABILITY, message, at / "step_type")
        return step

    def note(self, mistake: Mistake, base: Pointer) -> None:
        help = (*filter(None, [mistake.help]), *self.findings.did_you_mean(mistake.value, mistake.choices))
        at = Pointer((*base.tokens, *mistake.at))
        self.lost.add(at)
        fix = self.findings.corrected(mistake.value, at, mistake.choices) if mistake.choices else ()
        if mistake.help == IN_QUOTES:
            fix = self.findings.made_text(at)
        self.findings.add(mistake.definition, mistake.message, at, *help, fix=fix)


def _major(version: object) -> int:
    """The number before the first dot; 0 where there is none, which is no format."""
    try:
        return int(str(version).strip().split(".", 1)[0])
    except ValueError:
        return 0


def _looks_like_dag(steps: object) -> bool:
    """What a flow without a usable type was meant to be, so that its other mistakes can be told."""
    listed = steps if isinstance(steps, list) else ()
    return any(isinstance(data, dict) and ("step_id" in data or "depends_on" in data) for data in listed)
