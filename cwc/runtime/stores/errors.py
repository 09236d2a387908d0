"""What recording and resuming runs can raise. Exported by `cwc.runtime.errors`."""

from __future__ import annotations

from cwc.runtime.error_base import CwcError


class CheckpointDriftError(CwcError):
    """A run cannot be resumed, because its flow or a tool of it is not what it was. ``detail`` says what changed."""

    code = "CWC-R019"
    message = "Run '{trace_id}' of flow '{flow_name}' cannot be resumed, run it anew: {detail}."

    def __init__(self, trace_id: str, flow_name: str, detail: str) -> None:
        self.trace_id, self.flow_name, self.detail = trace_id, flow_name, detail


class CheckpointNotFoundError(CwcError):
    """The checkpointer holds no run of this trace id."""

    code = "CWC-R020"
    message = "The checkpointer holds no run '{trace_id}'; it may have ended already."

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id


class CheckpointVersionError(CwcError):
    """A run was recorded in a format that this version of cwc does not read."""

    code = "CWC-R021"
    message = "Run '{trace_id}' was recorded in format {snapshot_version}, not {expected_version}; run it anew."

    def __init__(self, trace_id: str, flow_name: str, snapshot_version: str, expected_version: str) -> None:
        self.trace_id, self.flow_name = trace_id, flow_name
        self.snapshot_version, self.expected_version = snapshot_version, expected_version


class RunFencedError(CwcError):
    """Another process has taken a run over, and this one stops before it does a step twice."""

    code = "CWC-R030"
    message = "Run '{trace_id}' of flow '{flow_name}' was taken over by another process."

    def __init__(self, trace_id: str, flow_name: str) -> None:
        self.trace_id, self.flow_name = trace_id, flow_name


class CheckpointEncodingError(CwcError):
    """A value cannot be recorded so that it comes back the same.

    ``pointer`` (RFC 6901) leads to it in the outputs of step ``step_index``, or for -1 in what the run was given.
    """

    code = "CWC-R031"

    def __init__(self, flow_name: str, step_index: int, pointer: str, detail: str) -> None:
        self.flow_name, self.step_index, self.pointer, self.detail = flow_name, step_index, pointer, detail

    def __str__(self) -> str:
        place = "the input" if self.step_index < 0 else f"the outputs of step {self.step_index}"
        return f"'{self.pointer}' in {place} of flow '{self.flow_name}' cannot be recorded: {self.detail}."


class CheckpointStoreError(CwcError):
    """The file that runs are recorded in cannot be used. ``path`` is where it stands."""

    code = "CWC-R033"
    message = "The checkpoint store '{path}' cannot be used: {detail}."

    def __init__(self, path: str, detail: str) -> None:
        self.path, self.detail = path, detail


class CheckpointExistsError(CwcError):
    """A run was started under the trace id of one that the checkpointer holds."""

    code = "CWC-R034"
    message = "The checkpointer holds a run '{trace_id}' already; resume it, or discard it to start anew."

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
