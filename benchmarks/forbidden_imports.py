"""Which of the named files import a forbidden module, directly or over others: a process of its own for grimp.

Arguments: a JSON list of forbidden top-level modules, then files relative to the working directory. Prints a JSON list
of the files. Files that are in no package are put into one, since the graph is built of packages.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import grimp

WRAPPER = "corpus_of_modules"


def module_of(path: str) -> str:
    parts = Path(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reached(roots: list[str], names: dict[str, str], forbidden: list[str]) -> list[str]:
    """The files, by module name, from which the graph of the packages has a chain to a forbidden module."""
    graph = grimp.build_graph(*roots, include_external_packages=True, cache_dir=None)
    banned = [name for name in forbidden if name in graph.modules]
    return sorted(
        path
        for name, path in names.items()
        if name in graph.modules and any(graph.find_shortest_chain(name, one) for one in banned)
    )


def main() -> None:
    forbidden, paths = json.loads(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as place:
        sys.path[:0] = [place, str(Path.cwd()), str(Path.cwd() / "src")]
        if all((Path.cwd() / path).parent == Path.cwd() for path in paths):
            (Path(place) / WRAPPER).mkdir()
            (Path(place) / WRAPPER / "__init__.py").touch()
            for path in Path.cwd().glob("*.py"):
                if accepted(path):
                    shutil.copy(path, Path(place) / WRAPPER)
            names = {f"{WRAPPER}.{module_of(path)}": path for path in paths}
            found = reached([WRAPPER], names, forbidden)
        else:
            names = {module_of(path.removeprefix("src/")): path for path in paths}
            found = reached(
                sorted({module_of(one.removeprefix("src/")).split(".")[0] for one in paths}), names, forbidden
            )
    sys.stdout.write(json.dumps(found))


def accepted(path: Path) -> bool:
    """Whether grimp can take the file: it stops at a syntax error, and panics at an import from above the top."""
    text = path.read_text("utf-8")
    try:
        compile(text, str(path), "exec")
    except SyntaxError:
        return False
    return "from .." not in text


if __name__ == "__main__":
    main()
