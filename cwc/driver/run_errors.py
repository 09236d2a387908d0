"""The errors of running flows, as their document has them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cwc._resources import docs_folder


@dataclass(frozen=True, slots=True)
class RunError:
    """A row of docs/errors.md: a code, its class in `cwc.runtime.errors`, that of ChainWeaver, and when it comes."""

    code: str
    name: str
    reference: str
    when: str

    @property
    def page(self) -> str:
        """What there is to say of it, in Markdown."""
        return (
            f"# {self.code} {self.name}\n\n{self.when}\n\n"
            f"A class of `cwc.runtime.errors`, raised or recorded when flows run. In ChainWeaver: {self.reference}.\n"
        )


def run_errors() -> list[RunError]:
    """Every error that running a flow can raise or record, by code."""
    text = (docs_folder() / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(CWC-R\d+)` \| `(\w+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    return [RunError(*row) for row in rows]
