"""Steps that run another flow: the run inside of the run, with what it inherits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cwc.runtime.error_base import CwcError
from cwc.runtime.raised import Abort, SubflowFailed
from cwc.runtime.scope import SCOPE
from cwc.runtime.steps import Outputs, Told

if TYPE_CHECKING:
    from cwc.runtime.flow import Flow
    from cwc.runtime.results import ExecutionResult


def run_flow(flow: Flow[Any], inputs: Mapping[str, Any]) -> Outputs:
    """Run a flow as a step. Raises SubflowFailed, and Abort for an error that leaves the inner run."""
    try:
        return _outputs(_current(flow).run_inside(SCOPE.get(), inputs))
    except CwcError as error:
        raise Abort(error) from error


async def run_flow_async(flow: Flow[Any], inputs: Mapping[str, Any]) -> Outputs:
    """As `run_flow`, on the async lane."""
    try:
        return _outputs(await _current(flow).run_inside_async(SCOPE.get(), inputs))
    except CwcError as error:
        raise Abort(error) from error


def _current(flow: Flow[Any]) -> Flow[Any]:
    """A flow in the state that the registry of the run, if there is one, knows of it."""
    registry = SCOPE.get().registry
    return flow if registry is None else registry.current(flow)


def _outputs(result: ExecutionResult[Any]) -> Outputs:
    if result.final_output is None:
        raise SubflowFailed(result)
    return Told(result.final_output, sub_result=result)
