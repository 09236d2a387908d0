"""Settings of single flows, held against the flows that there are: a section for one that is not there does nothing."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from cwc.diagnostics.model import Diagnostic, Report, define
from cwc.driver.config import ProjectConfig

IDLE_SETTINGS = define(
    "CWC808", "idle_flow_settings", "warning", "[tool.cwc.flow] has a section for a flow that is not there"
)


def report_idle(config: ProjectConfig, flows: Collection[str], report: Report) -> None:
    """Report the sections ``[tool.cwc.flow.NAME]`` whose names are none of ``flows``, all flows of the project."""
    for name, label in config.flow_labels.items():
        if name in flows:
            continue
        close = get_close_matches(name, flows, n=1)
        help = f"did you mean {close[0]!r}?" if close else "the section goes by the flow's `name`, not by its file"
        report.add(
            Diagnostic(
                definition=IDLE_SETTINGS,
                message=f"the project has no flow {name!r}, so these settings do nothing",
                primary=label,
                help=(help,),
            )
        )
