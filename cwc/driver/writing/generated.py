"""Generated modules as they lie on the disk: held to the closed grammar again, and to what their manifest says."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cwc.contract.finding import UNPARSABLE, Finding
from cwc.contract.generated import Allowed, check_generated
from cwc.contract.rules.table import table
from cwc.diagnostics.model import Diagnostic, Label, Report
from cwc.driver.contract.settings import ContractSettings
from cwc.driver.files import display_path
from cwc.driver.writing.leftovers import HEADER
from cwc.driver.writing.manifest import FILE_NAME, Entry, Manifest, read_manifest
from cwc.source import Source, Span, digest_of, text_digest

_RUNTIME = ("builtins", "cwc.runtime.errors")
_FORMAT = re.compile(re.escape(HEADER.decode()) + r"(\d{1,9})\b", re.ASCII)
_HEIGHT = 4
"""How many folders above a file its manifest may lie."""


class GeneratedFiles:
    """Checks of generated modules; manifests are read once."""

    def __init__(self, settings: ContractSettings, report: Report) -> None:
        self.settings = settings
        self.report = report
        self._manifests: dict[Path, Manifest | None] = {}

    def claims(self, file: Path, data: bytes | None) -> bool:
        """Whether a module says of itself that cwc wrote it, or its manifest does.

        It is then held to a contract that is stricter than that of hand-written code, so that nothing is trusted.
        """
        return (data is not None and data.startswith(HEADER)) or self._entry(file) is not None

    def check(self, file: Path, data: bytes) -> Iterator[Diagnostic]:
        """What is wrong with a generated module of these bytes."""
        from cwc.runtime import generated

        path = display_path(file)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            yield Diagnostic(definition=UNPARSABLE, message="it is not UTF-8", primary=Label(path))
            return
        source = Source(path, text, digest_of(data))
        self.report.add_source(source)
        allowed = Allowed(frozenset(self._imports(text)), frozenset(generated.__all__))
        # Git may check files out with CRLF, which Python reads as LF everywhere, in strings too.
        findings = check_generated(text.replace("\r\n", "\n"), path, allowed)
        stated = _FORMAT.match(text)
        if findings and stated and stated[1] != str(generated.FORMAT):
            yield _of_another_format(findings[0], stated, generated.FORMAT)
        yield from (_diagnostic(finding, source) for finding in findings)
        yield from self._digest(file, path, data)

    def tools(self, file: Path, data: bytes) -> Iterator[str]:
        """The modules that a module which is as cwc wrote it takes tools and schemas from."""
        entry = self._entry(file)
        if entry is not None and entry.matches(_digests(data)):
            for module, _, alias in _imported(data.decode("utf-8", "replace")):
                if alias.startswith(("tool_", "model_")) and not module.startswith("."):
                    yield module

    def _digest(self, file: Path, path: str, data: bytes) -> Iterator[Diagnostic]:
        rule = table()["DET705"]
        found = self._manifest_of(file)
        if found is None:
            return
        entry = found[1].files.get(file.relative_to(found[0]).as_posix())
        if entry is None:
            message = f"the manifest {display_path(found[0] / FILE_NAME)!r} does not list it: cwc did not write it"
        elif not entry.matches(_digests(data)):
            message = "it is not as cwc wrote it: somebody edited it by hand"
        else:
            return
        yield Diagnostic(definition=rule.definition, message=message, primary=Label(path), general=(rule.instead,))

    def _entry(self, file: Path) -> Entry | None:
        found = self._manifest_of(file)
        return None if found is None else found[1].files.get(file.relative_to(found[0]).as_posix())

    def _manifest_of(self, file: Path) -> tuple[Path, Manifest] | None:
        for folder in list(file.parents)[:_HEIGHT]:
            if folder not in self._manifests:
                exists = (folder / FILE_NAME).is_file()
                self._manifests[folder] = read_manifest(folder, self.report) if exists else None
            manifest = self._manifests[folder]
            if manifest is not None:
                return folder, manifest
        return None

    def _imports(self, text: str) -> Iterator[tuple[str, str]]:
        """The imports of a module that its plan may have had: of tools, schemas and errors, and of flows beside it."""
        for module, name, _ in _imported(text):
            root = module.partition(".")[0]
            if module == "builtins":
                if isinstance(getattr(builtins, name, None), type):
                    yield module, name
            elif module.startswith(".") or module in _RUNTIME or self._may_import(module, root):
                yield module, name

    def _may_import(self, module: str, root: str) -> bool:
        if self.settings.references is not None:
            prefixes = self.settings.references
            return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)
        tools = self.settings.contract.tools
        if tools:
            return root in {tool.partition(".")[0] for tool in tools}
        return root not in sys.stdlib_module_names and table().module(module) is None


def _imported(text: str) -> list[tuple[str, str, str]]:
    """Module, name and alias of each import with an alias at the top of a module."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        ("." * node.level + (node.module or ""), alias.name, alias.asname)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname is not None
    ]


def _digests(data: bytes) -> Sequence[str]:
    return digest_of(data), text_digest(data)


def _diagnostic(finding: Finding, source: Source) -> Diagnostic:
    span = source.span_of(finding.line, finding.column, finding.line, finding.column + 1)
    return Diagnostic(
        definition=finding.definition,
        message=finding.message,
        primary=Label(finding.path, span),
        general=("change the flow and run `cwc build`; nothing in a generated module is written by hand",),
    )


def _of_another_format(finding: Finding, stated: re.Match[str], known: int) -> Diagnostic:
    """What is said before the findings of a module that says to be of another format: they may all be due to that."""
    return Diagnostic(
        definition=finding.definition,
        message=f"it was generated in format {stated[1]}, and the installed cwc knows format {known}",
        primary=Label(finding.path, Span(*stated.span(1))),
        general=("run `cwc build`",),
    )
