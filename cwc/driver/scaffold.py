"""The project that `cwc init` writes."""

from __future__ import annotations

from pathlib import Path

from cwc._resources import schemas_folder, templates_folder

FLOW_SCHEMA = "flow.schema.json"
"""The schema that the modeline of a scaffolded flow names, for editors; it stands beside the flow."""


TOOLS = "tools.py"


def lacks_tools(folder: Path) -> bool:
    """Whether the module of tools in ``folder`` is not the scaffold's: then the flow of the scaffold has none."""
    try:
        return (folder / TOOLS).read_bytes() != (templates_folder() / "init" / TOOLS).read_bytes()
    except OSError:
        return True


def scaffold(folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy the scaffold into ``folder``: the paths written, and those kept because they were there.

    Raises OSError if a file cannot be written.
    """
    template = templates_folder() / "init"
    made, kept = [], []
    sources = {path.relative_to(template): path for path in template.rglob("*") if path.is_file()}
    sources[Path("flows") / FLOW_SCHEMA] = schemas_folder() / FLOW_SCHEMA
    for name, source in sorted(sources.items()):
        if source.suffix == ".pyc":
            continue
        target = folder / name
        if target.exists():
            kept.append(target)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        made.append(target)
    return made, kept
