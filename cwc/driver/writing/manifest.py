"""The manifest of an output folder, every file that cwc wrote there, and the changes that touch no other file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from cwc.diagnostics.model import Definition, Diagnostic, Label, Report, define
from cwc.driver.files import display_path, read_bytes
from cwc.driver.writing.indented import indented
from cwc.driver.writing.output import Changes
from cwc.source import digest_of, text_digest

INVALID_MANIFEST = define(
    "CWC831", "invalid_manifest", "error", "The manifest of an output folder cannot be used", project=True
)
UNMANAGED = define("CWC832", "unmanaged_file", "error", "A file that cwc did not write stands where it would write one")
EDITED = define("CWC833", "edited_file", "error", "A file that cwc wrote was changed since")

FILE_NAME = "cwc-manifest.json"
FORMAT = 1
"""The version of the manifest's shape."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What registries tell of a flow without importing its module; ``tool_schema_hashes`` by tool."""

    status: str
    determinism_level: str
    lanes: tuple[str, ...]
    required_inputs: tuple[str, ...]
    tool_schema_hashes: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        return {each.name: getattr(self, each.name) for each in _FACTS}


_FACTS = fields(Facts)


@dataclass(frozen=True, slots=True)
class Origin:
    """The flow that a file was made of. ``source`` is its path relative to the project, ``digest`` its SHA-256
    with its line ends as LF."""

    name: str
    version: str
    source: str
    digest: str
    facts: Facts | None = None

    def to_json(self) -> dict[str, object]:
        own: dict[str, object] = {
            "name": self.name,
            "version": self.version,
            "source": self.source,
            "digest": self.digest,
        }
        return own if self.facts is None else {**own, "facts": self.facts.to_json()}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that cwc wrote: the SHA-256 of its bytes in hex, and its flow, where it is made of one.

    ``next`` is the digest of what a build was about to write; it stays only where the build was killed.
    """

    digest: str
    flow: Origin | None = None
    next: str | None = None

    def to_json(self, name: str) -> dict[str, object]:
        own: dict[str, object] = {
            "path": name,
            "sha256": self.digest,
            "flow": self.flow.to_json() if self.flow else None,
        }
        return {**own, "next": self.next} if self.next else own

    def matches(self, digests: Collection[str]) -> bool:
        """Whether a file with these digests is as cwc wrote it."""
        return self.digest in digests or self.next in digests


@dataclass(frozen=True, slots=True)
class Manifest:
    """What cwc wrote into a folder. Names are POSIX paths relative to it, and lead nowhere else.

    ``tools`` are the schemas of the tools that its flows were built with, by their hashes, so that it can be told what
    changed about one; their shape is the registry's affair.
    """

    files: Mapping[str, Entry] = field(default_factory=dict)
    tools: Mapping[str, object] = field(default_factory=dict)

    def render(self, known: dict[str, tuple[Entry, str]] | None = None) -> bytes:
        """The manifest as a file: ASCII JSON, sorted by path, the same bytes for the same files.

        ``known`` are the texts of entries, from manifests that have some in common; it grows.
        """
        known = {} if known is None else known
        for name, entry in self.files.items():
            if name not in known or known[name][0] is not entry:
                known[name] = entry, indented(entry.to_json(name), "\n    ")
        files = ",".join([f"\n    {known[name][1]}" for name in sorted(self.files)])
        used = {
            digest
            for entry in self.files.values()
            if entry.flow and entry.flow.facts
            for digest in entry.flow.facts.tool_schema_hashes.values()
        }
        tools = {digest: self.tools[digest] for digest in sorted(used & self.tools.keys())}
        end = ',\n  "tools": ' + indented(tools, "\n  ") if tools else ""
        listed = f"[{files}\n  ]" if files else "[]"
        return f'{{\n  "format": {FORMAT},\n  "files": {listed}{end}\n}}\n'.encode("ascii")


def read_manifest(out: Path, report: Report) -> Manifest | None:
    """The manifest of a folder, empty if it has none; None, and a diagnostic, if it cannot be used.

    A manifest that names a path outside the folder is refused as a whole.
    """
    path = out / FILE_NAME
    if not os.path.lexists(path):
        return Manifest()
    data = read_bytes(path, report)
    if data is None:
        return None
    try:
        return _parsed(json.loads(data))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        message = f"cannot use {display_path(path)!r}: {why}"
        help = "delete it and run `cwc build --force`, which replaces the files of all flows"
        report.add(_diagnostic(INVALID_MANIFEST, path, message, help))
        return None


def plan_changes(
    out: Path,
    wanted: Mapping[str, bytes],
    manifest: Manifest,
    *,
    force: bool,
    report: Report,
    origins: Mapping[str, Origin] | None = None,
    keep: Collection[str] = (),
    tools: Mapping[str, object] | None = None,
    trusted: Collection[str] = (),
    leftovers: Collection[str] = (),
) -> Changes:
    """What brings ``out`` from what ``manifest`` says to the files ``wanted``, the manifest written last.

    ``origins`` are the flows of wanted files. ``keep`` are the sources whose flows have no new files although they
    exist, because they have errors or were not built: their old files stay, also where another flow would take their
    name. ``tools`` are schemas of tools by hash.
    ``trusted`` are names of files that are known to hold what the manifest says. ``leftovers`` are files that are cwc's
    by their looks alone, which ``force`` removes.

    Files that cwc did not write, or that were changed since, are reported and stay, unless ``force`` is set.
    """
    plan = _Planning(out, manifest, force, report, set(keep), {**manifest.tools, **(tools or {})}, trusted)
    for name, data in sorted(wanted.items()):
        plan.want(name, data, (origins or {}).get(name))
    for name in sorted(manifest.files.keys() - wanted.keys()):
        plan.drop(name, manifest.files[name])
    plan.remove += leftovers if force else ()
    plan.finish()
    return Changes(
        out=out,
        write=plan.write,
        remove=tuple(plan.remove),
        unchanged=tuple(plan.unchanged),
        refused=tuple(plan.refused),
        leftovers=() if force else tuple(leftovers),
        intent=plan.intent(),
    )


@dataclass(slots=True)
class _Planning:
    """Changes in the making; ``entries`` are the next manifest's."""

    out: Path
    manifest: Manifest
    force: bool
    report: Report
    keep: set[str]
    tools: Mapping[str, object]
    trusted: Collection[str]
    entries: dict[str, Entry] = field(default_factory=dict)
    write: dict[str, bytes] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    texts: dict[str, tuple[Entry, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cases = {name.casefold(): name for name in self.manifest.files}

    def want(self, name: str, data: bytes, origin: Origin | None) -> None:
        """See to a file that shall be there."""
        old = self.manifest.files.get(name)
        if origin and old and old.flow and old.flow.source != origin.source and old.flow.source in self.keep:
            # The flow that loses the name keeps the file that it had under another.
            self.keep.add(origin.source)
            self.entries[name] = old
            return
        if origin and self._is_kept_in_other_case(name):
            self.keep.add(origin.source)
            return
        digest, digests = digest_of(data), _digests(self.out, name)
        if digests is not None and digest in digests:
            self.unchanged.append(name)
        elif digests is None or self.force or (old and old.matches(digests)):
            self.write[name] = data
        else:
            self._refuse(name, old)
            return
        self.entries[name] = Entry(digest, origin)

    def _is_kept_in_other_case(self, name: str) -> bool:
        """Whether a file that stays has the name in other letters, which on many systems is the same file."""
        other = self.cases.get(name.casefold(), name)
        flow = self.manifest.files[other].flow if other != name else None
        return flow is not None and flow.source in self.keep

    def drop(self, name: str, old: Entry) -> None:
        """See to a file of an earlier build that no flow is made into any more."""
        if name in self.trusted and old.flow and old.flow.source in self.keep:
            self.entries[name] = old
            return
        digests = _digests(self.out, name)
        if digests is None:
            return
        if old.flow and old.flow.source in self.keep:
            self.entries[name] = old
        elif old.matches(digests) or (self.force and digests):
            self.remove.append(name)
        else:
            self._refuse(name, old)

    def finish(self) -> None:
        """Settle the manifest itself: written last, and gone with the last file."""
        data = Manifest(self.entries, self.tools).render(self.texts)
        digests = _digests(self.out, FILE_NAME)
        if self.entries and digest_of(data) not in (digests or ()):
            self.write[FILE_NAME] = data
        elif not self.entries and digests is not None:
            self.remove.append(FILE_NAME)

    def intent(self) -> tuple[str, bytes] | None:
        """The manifest while files are being replaced: both what they were and what they are to be is cwc's own."""
        if FILE_NAME not in self.write or len(self.write) == 1:
            return None
        coming = {name: digest_of(data) for name, data in self.write.items() if name != FILE_NAME}
        old, new = self.manifest.files, self.entries
        entries = {
            name: Entry((old.get(name) or new[name]).digest, new[name].flow, coming.get(name)) for name in coming
        }
        return FILE_NAME, Manifest({**new, **old, **entries}, self.tools).render(self.texts)

    def _refuse(self, name: str, old: Entry | None) -> None:
        self.refused.append(name)
        if old:
            self.entries[name] = old
        path = self.out / name
        definition, what = (EDITED, "it was changed since cwc wrote it") if old else (UNMANAGED, "cwc did not write it")
        message = f"{display_path(path)!r} was left as it is: {what}"
        self.report.add(_diagnostic(definition, path, message, "move it away, or use `--force` to lose it"))


def _digests(out: Path, name: str) -> frozenset[str] | None:
    """The digests that a file is known by; none for what is no readable file of the folder, None where nothing is.

    Git may check files out with CRLF, so a text is also known by its digest with LF.
    """
    path = out / name
    if not os.path.lexists(path):
        return None
    inside = Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(out))
    data = read_bytes(path, Report()) if inside else None
    return frozenset() if data is None else frozenset({digest_of(data), text_digest(data)})


def _parsed(data: object) -> Manifest:
    """Raises ValueError."""
    match data:
        case {"format": 1, "files": [*items], **rest} if rest.keys() <= {"tools"}:
            tools = rest.get("tools", {})
            files = dict(map(_entry, items))
        case {"format": int(number)} if number > FORMAT:
            raise ValueError("a newer version of cwc wrote it")
        case _:
            raise ValueError("it is not a manifest of cwc")
    if len(files) < len(items):
        raise ValueError("it lists a file twice")
    if not isinstance(tools, dict):
        raise ValueError("its tools are no mapping")
    return Manifest(files, tools)


def _entry(item: object) -> tuple[str, Entry]:
    match item:
        case {"path": str(name), "sha256": str(digest), "flow": flow, **rest} if rest.keys() <= {"next"}:
            if not is_inside(name):
                raise ValueError(f"it lists {name!r}, which is no file of its folder")
            coming = rest.get("next")
            return name, Entry(digest, _origin(flow), coming if isinstance(coming, str) else None)
    raise ValueError("it has an entry that is no file")


def _origin(flow: object) -> Origin | None:
    match flow:
        case None:
            return None
        case {"name": str(name), "version": str(version), "source": str(source), "digest": str(digest), **rest} if (
            rest.keys() <= {"facts"}
        ):
            return Origin(name, version, source, digest, _facts(rest["facts"]) if "facts" in rest else None)
    raise ValueError("it has an entry that is of no flow")


def _facts(facts: object) -> Facts:
    match facts:
        case {
            "status": str(status),
            "determinism_level": str(level),
            "lanes": [*lanes],
            "required_inputs": [*inputs],
            "tool_schema_hashes": dict(hashes),
        } if all(isinstance(text, str) for text in (*lanes, *inputs, *hashes, *hashes.values())):
            return Facts(status, level, tuple(lanes), tuple(inputs), hashes)
    raise ValueError("it has a flow with facts that are none")


_USUAL = re.compile(r"\w+\.py", re.ASCII)


def is_inside(name: str) -> bool:
    """Whether a name is a relative POSIX path that stays below its folder on any system, and not the manifest's own."""
    if _USUAL.fullmatch(name):
        return True
    plain = all(part.strip(". ") for part in name.split("/"))
    return plain and re.search(r'[\x00-\x1f\\:*?"<>|]', name) is None and name.casefold() != FILE_NAME


def _diagnostic(definition: Definition, path: Path, message: str, help: str) -> Diagnostic:
    return Diagnostic(definition=definition, message=message, primary=Label(display_path(path)), help=(help,))
