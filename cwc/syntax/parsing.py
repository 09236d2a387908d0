"""Text → tree. The file's extension decides between YAML and JSON."""

from __future__ import annotations

from cwc.diagnostics.model import Diagnostic, Label, Report, define
from cwc.source import Source
from cwc.syntax import json_text, yaml_text
from cwc.syntax.decoding import check_mark
from cwc.syntax.limits import LIMITS, Limits
from cwc.syntax.tree import Tree

UNKNOWN_EXTENSION = define("CWC005", "unknown_extension", "error", "A file's name does not end as a flow file's does")

EXTENSIONS = {".flow.json": json_text.compose, ".flow.yaml": yaml_text.compose, ".flow.yml": yaml_text.compose}


def parse(source: Source, report: Report, limits: Limits = LIMITS) -> Tree | None:
    """The tree of a flow file, or None where the text cannot be read; every reason that was found is reported.

    The format follows from the end of ``source.path``, upper or lower case: ``.flow.json``, ``.flow.yaml`` or
    ``.flow.yml``. The source, and the tree if there is one, are made known to the report.
    """
    report.add_source(source)
    name = source.path.lower()
    compose = next((compose for extension, compose in EXTENSIONS.items() if name.endswith(extension)), None)
    if compose is None:
        report.add(
            Diagnostic(
                definition=UNKNOWN_EXTENSION,
                message="the name does not tell the format of the file",
                primary=Label(source.path),
                help=(f"flow files end in {', '.join(EXTENSIONS)}",),
            )
        )
        return None
    check_mark(source, report)
    root = compose(source, report, limits)
    if root is None:
        return None
    tree = Tree(source, root)
    report.add_document(tree)
    return tree
