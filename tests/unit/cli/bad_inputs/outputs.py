"""Output folders, and the files of cwc in them, that are not as they should be. A row a line."""
# ruff: noqa: E501

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.unit.cli.bad_inputs.row import Row, link


def edited() -> None:
    with Path("generated/double_and_format.py").open("a") as file:
        file.write("# mine\n")


def out_is_a_file() -> None:
    shutil.rmtree("generated")
    Path("generated").write_text("mine")


def out_is_a_link() -> None:
    shutil.move("generated", "elsewhere")
    Path("generated").symlink_to("elsewhere")


def out_is_a_link_to_nothing() -> None:
    shutil.rmtree("generated")
    Path("generated").symlink_to("nowhere")


def out_is_a_loop() -> None:
    shutil.rmtree("generated")
    Path("generated").symlink_to("generated")


def module_is_a_folder() -> None:
    Path("generated/double_and_format.py").unlink()
    Path("generated/double_and_format.py").mkdir()


def module_is_a_pipe() -> None:
    Path("generated/double_and_format.py").unlink()
    os.mkfifo("generated/double_and_format.py")


def module_is_a_link() -> None:
    Path("generated/double_and_format.py").unlink()
    Path("generated/double_and_format.py").symlink_to("../tools.py")


MANIFEST = "generated/cwc-manifest.json"
STATE = "generated/cwc-state.json"
NEW = {"flows/new.flow.json": '{"type": "Flow", "name": "new", "description": "", "steps": []}'}
BAD_JSON: dict[str, str | bytes] = {
    "empty": "", "broken": "{", "a list": "[]", "null": "null", "nested": "[" * 100_000, "not UTF-8": b"\xff\xfe{}",
    "digits": "9" * 5000, "of the future": '{"format": 99, "files": []}', "of format 1e999": '{"format": 1e999}',
    "of no files": '{"format": 1}', "of wrong files": '{"format": 1, "files": [5]}', "NUL": "\0",
    "a path outside": '{"format": 1, "files": [{"path": "../tools.py", "sha256": "x", "flow": null}]}',
    "an absolute path": '{"format": 1, "files": [{"path": "/etc/passwd", "sha256": "x", "flow": null}]}',
    "a path with NUL": '{"format": 1, "files": [{"path": "a\\u0000", "sha256": "x", "flow": null}]}',
    "a lone surrogate": '{"format": 1, "files": [{"path": "\\ud800", "sha256": "\\ud800", "flow": null}]}',
    "a path of 5,000": '{"format": 1, "files": [{"path": "%s", "sha256": "x", "flow": null}]}' % ("x" * 5000),
    "too large": b" " * (17 * 2**20),
}  # fmt: skip

SOME = [(name, BAD_JSON[name]) for name in ("broken", "a list", "nested", "a path outside")]

ROWS = (
    Row("output: edited", files=NEW, prepare=edited),
    Row("output: edited, and the flow changed", files={"flows/double_and_format.flow.yaml": "type: Flow\nname: double_and_format\ndescription: d\nsteps: []\n"}, prepare=edited),
    Row("output: edited, cleaned", ("clean",), prepare=edited),
    Row("output: another's file", files={**NEW, "generated/new.py": "mine"}),
    Row("output: a file for the folder", prepare=out_is_a_file),
    Row("output: a file for the folder, cleaned", ("clean",), prepare=out_is_a_file),
    Row("output: inside a file", ("build", "--out", "tools.py/x")),
    Row("output: a file", ("build", "--out", "tools.py")),
    Row("output: empty", ("build", "--out", "")),
    Row("output: NUL", ("build", "--out", "a\0b")),
    Row("output: a line break", ("build", "--out", "a\nb", "--check")),
    Row("output: 10,000 characters", ("build", "--out", "x" * 10_000)),
    Row("output: a surrogate", ("build", "--out", "x\udcff", "--check")),
    Row("output: in /proc", ("build", "--out", "/proc/x")),
    Row("output: in /dev/null", ("build", "--out", "/dev/null")),
    Row("output: a link", files=NEW, prepare=out_is_a_link),
    Row("output: a link to nothing", prepare=out_is_a_link_to_nothing),
    Row("output: a link to itself", prepare=out_is_a_loop),
    Row("output: a link to itself, cleaned", ("clean",), prepare=out_is_a_loop),
    Row("output: a folder for a module", prepare=module_is_a_folder),
    Row("output: a folder for a module, forced", ("build", "--force"), prepare=module_is_a_folder),
    Row("output: a folder for a module, cleaned", ("clean", "--force"), prepare=module_is_a_folder),
    Row("output: a pipe for a module", prepare=module_is_a_pipe),
    Row("output: a pipe for a module, forced", ("build", "--force"), prepare=module_is_a_pipe),
    Row("output: a pipe for a module, compared", ("build", "--diff"), prepare=module_is_a_pipe),
    Row("output: a link for a module", prepare=module_is_a_link),
    Row("output: a link for a module, forced", ("build", "--force"), prepare=module_is_a_link),
    Row("output: a folder for the manifest", files={**NEW, MANIFEST: None}, prepare=lambda: os.mkdir(MANIFEST)),
    Row("output: a pipe for the manifest", files={**NEW, MANIFEST: None}, prepare=lambda: os.mkfifo(MANIFEST)),
    Row("output: no manifest", files={**NEW, MANIFEST: None}),
    *(Row(f"manifest: {name}", files={**NEW, MANIFEST: text}) for name, text in BAD_JSON.items()),
    *(Row(f"manifest: {name}, cleaned", ("clean",), {MANIFEST: text}) for name, text in SOME),
    *(Row(f"manifest: {name}, listed", ("flows", "list"), {MANIFEST: text}) for name, text in SOME),
    *(Row(f"state: {name}", ("flows", "list"), {STATE: text}) for name, text in SOME),
    *(Row(f"state: {name}, set", ("flows", "status", "double_and_format", "disabled"), {STATE: text}) for name, text in BAD_JSON.items()),
    *(Row(f"lock: {name}", ("build", "--locked"), {"cwc.lock": text}) for name, text in BAD_JSON.items()),
    *(Row(f"lock: {name}, unlocked", ("build",), {"cwc.lock": text}) for name, text in SOME),
    *(Row(f"lock: {name}, compared", ("lock", "--check"), {"cwc.lock": text}) for name, text in SOME),
    Row("lock: none", ("build", "--locked")),
    Row("lock: a folder", ("build", "--locked"), prepare=lambda: os.mkdir("cwc.lock")),
    Row("lock: a folder, written", ("lock",), prepare=lambda: os.mkdir("cwc.lock")),
    Row("lock: a pipe", ("lock",), prepare=lambda: os.mkfifo("cwc.lock")),
    Row("lock: a link to itself", ("build", "--locked"), prepare=link("cwc.lock", "cwc.lock")),
)  # fmt: skip
