"""A ChainWeaver project as it is: its tool module and the flow files that it wrote are built, and run the same."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chainweaver import DAGFlow, DAGFlowStep, Flow, FlowStep, RetryPolicy
from chainweaver.executor import FlowExecutor
from chainweaver.flow import ConditionalEdge
from chainweaver.registry import FlowRegistry
from chainweaver.serialization import flow_from_json, flow_from_yaml, flow_to_json, flow_to_yaml

from tests.projects import inside, run_cwc

TOOLS = """\
from chainweaver import Tool, tool
from pydantic import BaseModel


class Ticket(BaseModel):
    subject: str
    body: str
    urgent: bool = False


class Words(BaseModel):
    words: list[str]


class Score(BaseModel):
    score: int


class Queue(BaseModel):
    queue: str


class QueueAndScore(BaseModel):
    queue: str
    score: int


class Reply(BaseModel):
    reply: str


class WordsAndSubject(BaseModel):
    words: list[str]
    subject: str


def _split(ticket: Ticket) -> dict:
    return {"words": ticket.body.lower().split()}


def _score(inputs: WordsAndSubject) -> dict:
    return {"score": len(inputs.words) + 10 * inputs.subject.count("!")}


split = Tool(name="split", description="Splits.", input_schema=Ticket, output_schema=Words, fn=_split)
score = Tool(name="score", description="Scores.", input_schema=WordsAndSubject, output_schema=Score, fn=_score)


@tool(description="Chooses a queue.")
def choose(score: int, words: list[str]) -> Queue:
    if "crash" in words and score < 3:
        raise ValueError("too short to tell")
    return {"queue": "bugs" if "crash" in words else "sales"}


@tool(description="The queue of what nobody can tell.")
def anywhere(score: int, words: list[str]) -> Queue:
    return {"queue": "triage"}


async def _answer(inputs: QueueAndScore) -> dict:
    return {"reply": f"{inputs.queue} will answer ({inputs.score})"}


answer = Tool(name="answer", description="Answers.", input_schema=QueueAndScore, output_schema=Reply, fn=_answer)


@tool(description="Answers at once.")
def hurry(queue: str) -> Reply:
    return {"reply": f"{queue} is calling you"}
"""

MODES = {"input_schema_ref": "tools:Ticket", "version": "1.0.0"}
LINEAR = Flow(
    name="triage",
    description="Linear, with retry, fallback and renamed outputs.",
    steps=[
        FlowStep(tool_name="split", input_mapping={"subject": "subject", "body": "body"}),
        FlowStep(
            tool_name="score",
            input_mapping={"words": "words", "subject": "subject"},
            output_mapping={"weight": "score"},
        ),
        FlowStep(
            tool_name="choose",
            input_mapping={"score": "weight", "words": "words"},
            retry=RetryPolicy(max_retries=1, backoff_seconds=0.0),
            on_error="fallback:anywhere",
        ),
    ],
    **MODES,  # type: ignore[arg-type]
)
DAG = DAGFlow(
    name="reply",
    description="A DAG with two levels side by side, and a branch.",
    steps=[
        DAGFlowStep(step_id="words", tool_name="split"),
        DAGFlowStep(
            step_id="score",
            tool_name="score",
            depends_on=["words"],
            input_mapping={"words": "words", "subject": "subject"},
        ),
        DAGFlowStep(
            step_id="queue",
            tool_name="choose",
            depends_on=["score"],
            input_mapping={"score": "score", "words": "words"},
            branches=[ConditionalEdge(target_step_id="quick", predicate="score > 20 and queue == 'bugs'")],
            default_next="slow",
        ),
        DAGFlowStep(step_id="quick", tool_name="hurry", depends_on=["queue"], input_mapping={"queue": "queue"}),
        DAGFlowStep(
            step_id="slow", tool_name="answer", depends_on=["queue"], input_mapping={"queue": "queue", "score": "score"}
        ),
    ],
    **MODES,  # type: ignore[arg-type]
)
COMPOSED = Flow(
    name="whole",
    description="Runs the first, and goes on with what it gives.",
    steps=[
        FlowStep(
            flow_name="triage",
            input_mapping={"subject": "subject", "body": "body"},
            output_mapping={"queue": "queue", "weight": "weight"},
        ),
        FlowStep(tool_name="answer", input_mapping={"queue": "queue", "score": "weight"}),
    ],
    **MODES,  # type: ignore[arg-type]
)
INPUTS: list[dict[str, Any]] = [
    {"subject": "Buy", "body": "How much for ten lamps"},
    {"subject": "Help!!!", "body": "It did crash again"},
    {"subject": "Help", "body": "crash"},
    {"subject": "no body"},
    {"subject": 7, "body": "a number"},
]
FIELDS = (
    "step_index", "tool_name", "flow_name", "inputs", "outputs", "success", "skipped", "error_type", "retry_count",
    "fallback_used", "fallback_tool_name",
)  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A ChainWeaver project with flow files in both of its formats; then `cwc build` in it, with no configuration."""
    folder = tmp_path_factory.mktemp("moving")
    (folder / "flows").mkdir()
    (folder / "tools.py").write_text(TOOLS, "utf-8")
    (folder / "flows" / "triage.flow.yaml").write_text(flow_to_yaml(LINEAR), "utf-8")
    (folder / "flows" / "reply.flow.json").write_text(flow_to_json(DAG), "utf-8")
    (folder / "flows" / "whole.flow.yaml").write_text(flow_to_yaml(COMPOSED), "utf-8")
    built = run_cwc("build", "--tools", "tools", cwd=folder)
    assert built.returncode == 0, built.stderr
    with inside(folder):
        yield folder


def reference(folder: Path) -> FlowExecutor:
    """ChainWeaver over the same files."""
    tools = importlib.import_module("tools")
    executor = FlowExecutor(registry=FlowRegistry())
    for name in ("split", "score", "choose", "anywhere", "answer", "hurry"):
        executor.register_tool(getattr(tools, name))
    for path in sorted((folder / "flows").iterdir()):
        read = flow_from_json if path.suffix == ".json" else flow_from_yaml
        executor.registry.register_flow(read(path.read_text("utf-8")))
    return executor


def told(result: Any) -> dict[str, Any]:
    """What a result of either says, but for times and ids; the inner results of composed steps as well."""
    records = [
        {name: getattr(record, name) for name in FIELDS} | {"inner": record.sub_result and told(record.sub_result)}
        for record in result.execution_log
    ]
    return {"success": result.success, "output": result.final_output, "records": records}


@pytest.mark.parametrize("given", INPUTS, ids=range(len(INPUTS)))
@pytest.mark.parametrize("name", ["triage", "reply", "whole"])
def test_the_same_results(project: Path, name: str, given: dict[str, Any]) -> None:
    ours = told(importlib.import_module(f"generated.{name}").run(given))
    theirs = told(reference(project).execute_flow(name, given))
    assert ours == theirs


@pytest.mark.parametrize("given", INPUTS, ids=range(len(INPUTS)))
def test_the_same_results_in_the_async_lane(project: Path, given: dict[str, Any]) -> None:
    ours = told(asyncio.run(importlib.import_module("generated.triage").run_async(given)))
    theirs = told(asyncio.run(reference(project).execute_flow_async("triage", given)))
    assert ours == theirs


def test_the_inputs_come_to_every_end(project: Path) -> None:
    runs = [importlib.import_module("generated.reply").run(given) for given in INPUTS]
    assert [run.success for run in runs] == [True, True, False, False, False]
    assert runs[0].execution_log[-1].skipped is not runs[1].execution_log[-1].skipped
    fell_back = importlib.import_module("generated.triage").run(INPUTS[2])
    assert fell_back.final_output["queue"] == "triage"
