"""What a generated module imports beside the runtime: tools, and the classes that references name."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from cwc.emit.calls import ToolNames
from cwc.emit.code import Code, compose
from cwc.emit.names import Names, dotted_name


@dataclass(frozen=True, slots=True)
class Import:
    """``from module import attribute as alias``."""

    module: Code
    attribute: Code
    alias: Code


class Imports:
    """The imports of one module, each name once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._made: dict[tuple[str, str], Import] = {}

    def tool(self, tool: ToolNames) -> None:
        made = Import(dotted_name(tool.spec.module), dotted_name(tool.spec.attribute), tool.handle)
        self._made[f"tool {tool.spec.name}", ""] = made

    def flow(self, module: str, handle: Code) -> None:
        """The flow of another generated module of the same folder."""
        self._made[f"flow {module}", ""] = Import(compose(".{}", dotted_name(module)), Code("FLOW"), handle)

    def reference(self, ref: str, prefix: str) -> Code:
        """An expression for the class that ``module:qualname`` names. Raises ValueError if it is no plain reference."""
        module, _, qualname = ref.partition(":")
        root, _, rest = qualname.partition(".")
        made = self._made.get((module, root))
        if made is None:
            alias = self._names.allocate(root, prefix=prefix)
            made = self._made[module, root] = Import(dotted_name(module), dotted_name(root), alias)
        return compose("{}.{}", made.alias, dotted_name(rest)) if rest else made.alias

    def standard(self) -> list[Import]:
        """Those of the standard library, sorted."""
        return sorted((entry for entry in self._made.values() if _is_standard(entry)), key=_as_people_sort)

    def local(self) -> list[Import]:
        """The others, sorted."""
        found = [entry for entry in self._made.values() if not _is_standard(entry) and not _is_relative(entry)]
        return sorted(found, key=_as_people_sort)

    def relative(self) -> list[Import]:
        """Those of modules of the same folder, sorted."""
        return sorted((entry for entry in self._made.values() if _is_relative(entry)), key=_as_people_sort)

    def allowed(self) -> frozenset[tuple[str, str]]:
        """(module, attribute) of every import, for the contract pass."""
        return frozenset((str(entry.module), str(entry.attribute)) for entry in self._made.values())


def _as_people_sort(entry: Import) -> tuple[list[tuple[int, str]], ...]:
    """Numbers in names by their value, as linters want imports: ``tool_2`` before ``tool_10``."""
    return tuple(
        [(int(number or -1), text) for number, text in re.findall(r"(\d+)|(\D)", part)]
        for part in (entry.module, entry.attribute, entry.alias)
    )


def _is_relative(entry: Import) -> bool:
    return entry.module.startswith(".")


def _is_standard(entry: Import) -> bool:
    return entry.module.partition(".")[0] in sys.stdlib_module_names
