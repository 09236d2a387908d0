"""The project that `cwc init` writes."""

from __future__ import annotations

from pathlib import Path

from cwc._resources import templates_folder


def scaffold(folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy the scaffold into ``folder``: the paths written, and those kept because they were there.

    Raises OSError if a file cannot be written.
    """
    template = templates_folder() / "init"
    made, kept = [], []
    for source in sorted(path for path in template.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        target = folder / source.relative_to(template)
        if target.exists():
            kept.append(target)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        made.append(target)
    return made, kept
