"""Loading tools from modules that do what they like."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from cwc.diagnostics.model import Diagnostic, Report
from cwc.driver.config import ProjectConfig
from cwc.driver.tools.imports import forget_project_modules, import_module, importing_from, is_module_name
from cwc.driver.tools.toolbox import LoadedTools, load_tools

HEAD = """\
from pydantic import BaseModel
from cwc.runtime.tools.making import Tool, tool

class In(BaseModel):
    number: int

class Out(BaseModel):
    value: int

"""
DOUBLE = HEAD + "@tool\ndef double(inputs: In) -> Out:\n    return Out(value=inputs.number * 2)\n"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    forget_project_modules()


def write(**modules: str) -> None:
    for name, text in modules.items():
        path = Path(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def load(*modules: str) -> tuple[LoadedTools, Report]:
    root = Path.cwd()
    report = Report()
    return load_tools(modules, ProjectConfig(root=root, flows=(), out=root), report), report


def loaded(*modules: str) -> LoadedTools:
    tools, report = load(*modules)
    assert not report.diagnostics
    return tools


def refused(*modules: str) -> tuple[Diagnostic, str]:
    """The only diagnostic, and the text that it marks."""
    _, report = load(*modules)
    (diagnostic,) = report
    return diagnostic, marked(report, diagnostic)


def marked(report: Report, diagnostic: Diagnostic) -> str:
    place = report.place(diagnostic.primary)
    if place is None:
        return ""
    return f"{place}: " + report.sources[place.path].line_text(place.line)[place.column - 1 : place.end_column - 1]


def test_tools_are_found_in_the_order_of_definition(root: Path) -> None:
    write(tools=HEAD + "zeta = tool(name='z')(lambda: 0) if False else None\n" + DOUBLE.removeprefix(HEAD))
    write(tools=DOUBLE + "\n@tool\nasync def add_ten(value: int) -> Out:\n    return Out(value=value + 10)\n")
    tools = loaded("tools")
    assert list(tools.specs) == list(tools.objects) == ["double", "add_ten"]
    double, add_ten = tools.specs.values()
    assert (double.module, double.attribute, double.is_async) == ("tools", "double", False)
    assert (double.input.dump_keys, double.output.dump_keys) == (("number",), ("value",))
    assert (add_ten.is_async, add_ten.blocking) == (True, True)
    assert double.schema_hash == tools.objects["double"].schema_hash
    assert tools.objects["double"] is sys.modules["tools"].double


def test_a_specification_says_all_that_a_tool_declares() -> None:
    options = {
        "timeout_seconds": 1.5,
        "max_output_size": 10,
        "cacheable": False,
        "blocking": False,
        "safe_to_retry": True,
        "idempotent": False,
        "read_only": True,
    }
    arguments = ", ".join(f"{name}={value!r}" for name, value in options.items())
    needed = "name='t', description='d', input_schema=In, output_schema=Out, fn=lambda inputs: {}"
    write(tools=f"{HEAD}t = Tool({needed}, {arguments})\n")
    spec = loaded("tools").specs["t"]
    assert {name: getattr(spec, name) for name in options} == options
    assert (spec.description, spec.attribute) == ("d", "t")


def test_tools_of_chainweaver_count() -> None:
    pytest.importorskip("chainweaver")
    write(
        tools=HEAD.replace("from cwc.runtime.tools.making import Tool, tool", "from chainweaver import Tool")
        + """
def fn(inputs):
    return {"value": inputs.number}

async def afn(inputs):
    return {"value": inputs.number}

one = Tool(name="one", description="", input_schema=In, output_schema=Out, fn=fn)
two = Tool(name="two", description="", input_schema=In, output_schema=Out, fn=afn)
""",
        again="from tools import one",
    )
    specs = loaded("tools", "again").specs
    assert [(spec.name, spec.module, spec.is_async) for spec in specs.values()] == [
        ("one", "tools", False),
        ("two", "tools", True),
    ]


def test_modules_in_packages_and_of_the_project_first() -> None:
    write(my____init__="", my__tools=DOUBLE, json=DOUBLE.replace("double", "other"))
    assert loaded("my.tools").specs["double"].module == "my.tools"
    diagnostic, _ = refused("json")
    assert diagnostic.slug == "tools_module_failed"
    assert "another module of that name was imported before" in diagnostic.message


def test_the_path_is_as_before_but_for_what_modules_did_themselves(root: Path) -> None:
    before = list(sys.path)
    write(
        tools=DOUBLE
        + "import sys\nassert sys.path[0] == ROOT\nsys.path.append('/elsewhere')\n".replace("ROOT", repr(str(root)))
    )
    loaded("tools")
    assert sys.path == [*before, "/elsewhere"]


def test_each_call_imports_the_project_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        write(tools="from helpers import *\n", helpers=DOUBLE.replace("double", name))
        assert list(loaded("tools").specs) == [name]


def test_an_imported_tool_is_no_duplicate() -> None:
    write(tools=DOUBLE, more="from tools import double\nagain = double\n")
    assert loaded("tools", "more", "tools").specs["double"].module == "tools"
    tools = loaded("more", "tools")
    assert (tools.specs["double"].module, tools.specs["double"].attribute) == ("more", "double")


def test_two_tools_of_one_name() -> None:
    write(tools=DOUBLE, more=DOUBLE.replace("def double", "def  double"))
    tools, report = load("tools", "more")
    (diagnostic,) = report
    assert (diagnostic.slug, diagnostic.message) == (
        "duplicate_tool",
        "tool 'double' is both 'tools.double' and 'more.double'",
    )
    assert marked(report, diagnostic) == "more.py:10:1: @tool"
    assert [label.message for label in diagnostic.related] == ["tools.double"]
    assert tools.specs["double"].module == "tools"


def test_a_module_without_tools() -> None:
    write(tools="x = 1")
    diagnostic, _ = refused("tools")
    assert (diagnostic.slug, diagnostic.definition.severity) == ("no_tools_in_module", "warning")


@pytest.mark.parametrize(
    "name", ["tols", "nowhere.at.all", "os.nowhere", "", "a b", "tools.py", "./tools.py", ".tools"]
)
def test_a_module_that_does_not_exist(name: str) -> None:
    write(tools=DOUBLE)
    diagnostic, _ = refused(name)
    assert diagnostic.slug == "tools_module_not_found"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("tols", "tools"), ("tools.py", "tools"), ("my/tools.py", "my.tools"), ("my.tols", "my.tools"), ("myy", "my")],
)
def test_a_close_module_is_suggested(name: str, suggestion: str) -> None:
    write(tools=DOUBLE, my__tools=DOUBLE)
    diagnostic, _ = refused(name)
    assert diagnostic.help[0] == f"did you mean {suggestion!r}?"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("x = 1\nraise ValueError('boom')", "ValueError: boom", "tools.py:2:1: raise ValueError('boom')"),
        ("def f():\n    import sys\n    sys.exit()\nf()", "SystemExit", "tools.py:3:5: sys.exit()"),
        ("import json\njson.loads('{')", "JSONDecodeError", "tools.py:2:1: json.loads('{')"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'", "tools.py:1:1: import nowhere"),
        ("x = = 1", "SyntaxError", "tools.py:1:1: x = = 1"),
        ("import broken", "SyntaxError", "broken.py:1:1: x ="),
        ("class E(BaseException):\n  def __str__(self): raise self\nraise E", "E", "tools.py:3:1: raise E"),
        ("def f(): f()\nf()", "RecursionError", "tools.py:1:1: def f(): f()"),
        ("x = '\0'", "cannot be imported", ""),
        ("raise GeneratorExit", "GeneratorExit", "tools.py:1:1: raise GeneratorExit"),
    ],
)
def test_a_module_that_fails(text: str, message: str, place: str) -> None:
    write(broken="x =")
    Path("tools.py").write_text(text)
    diagnostic, shown = refused("tools")
    assert diagnostic.slug == "tools_module_failed"
    assert diagnostic.message.startswith("module 'tools' cannot be imported: ")
    assert message in diagnostic.message
    assert shown == place or not place


def test_one_module_that_fails_leaves_the_others() -> None:
    write(bad="1/0", tools=DOUBLE)
    tools, report = load("bad", "tools")
    assert list(tools.specs) == ["double"]
    assert len(report.diagnostics) == 1


def test_an_interrupt_is_let_through() -> None:
    write(tools="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load("tools")


def test_a_function_that_cannot_be_a_tool() -> None:
    write(tools=HEAD + "@tool\ndef double(number) -> Out:\n    return Out(value=1)\n")
    diagnostic, shown = refused("tools")
    assert (diagnostic.slug, shown) == ("invalid_tool", "tools.py:10:1: @tool")
    assert "'double' in module 'tools' cannot be a tool: parameter 'number'" in diagnostic.message


def test_a_model_without_a_schema() -> None:
    write(
        tools=DOUBLE
        + "from typing import Callable\n\nclass Bad(BaseModel):\n    call: Callable[[], int]\n\n"
        + "@tool\ndef bad(inputs: Bad) -> Out: ...\n"
    )
    tools, report = load("tools")
    (diagnostic,) = report
    assert (diagnostic.slug, marked(report, diagnostic)) == ("invalid_tool", "tools.py:18:1: @tool")
    assert "'tools.bad' cannot be a tool: its models have no schema" in diagnostic.message
    assert list(tools.specs) == ["double"]


def test_what_only_looks_like_a_tool_is_reported_or_left_out() -> None:
    write(
        tools=DOUBLE
        + """
from unittest.mock import MagicMock

class Fake:
    name, description, input_schema, output_schema = "", "", In, Out
    def fn(self, inputs): ...

class Nasty:
    def __getattr__(self, name): raise RuntimeError(name)

mock, nasty, number, cls = MagicMock(), Nasty(), 1, Fake
globals()["not an identifier"] = double
fake = Fake()
"""
    )
    tools, report = load("tools")
    assert list(tools.specs) == ["double"]
    assert [diagnostic.slug for diagnostic in report] == ["invalid_tool"]
    assert "'tools.fake' cannot be a tool" in report.diagnostics[0].message


PRINTING = """
import os, subprocess, sys
print("out")
sys.stderr.write("err\\n")
os.write(1, b"raw out\\n")
os.write(2, b"raw err\\n")
subprocess.run([sys.executable, "-c", "print('child')"], check=True)
os.write(1, b"one\\ntwo\\n")
"""


def test_what_modules_print_is_a_note(capfd: pytest.CaptureFixture[str]) -> None:
    write(tools=DOUBLE + PRINTING)
    print("before")
    diagnostic, _ = refused("tools")
    print("after")
    assert (diagnostic.slug, diagnostic.definition.severity) == ("tools_module_printed", "note")
    assert diagnostic.message == "module 'tools' printed while it was imported"
    (text,) = diagnostic.help
    assert text.split("\n")[0] == "it printed:"
    assert text.endswith("and 2 more lines")
    for line in ("out", "err", "raw out", "raw err"):
        assert line in text.split("\n")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("before\nafter\n", "")


def test_a_stream_that_a_module_kept_works_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    write(tools=DOUBLE + "import sys\nkept = sys.stdout\nkept.writelines(['a', 'b'])\n")
    diagnostic, _ = refused("tools")
    assert diagnostic.help == ("it printed:\nab",)
    kept = sys.modules["tools"].kept
    kept.write("later\n")
    kept.flush()
    assert capfd.readouterr().out == "later\n"


def test_printing_does_not_reach_the_output_of_a_process(root: Path) -> None:
    write(tools=DOUBLE + PRINTING + "sys.stdout.buffer.write(b'buffer')\n")
    script = dedent("""
        import json, sys
        from pathlib import Path
        from cwc.diagnostics.model import Report
        from cwc.driver.config import ProjectConfig
        from cwc.driver.tools.toolbox import load_tools
        report = Report()
        print("[", end="")
        load_tools(["tools"], ProjectConfig(root=Path(), flows=(), out=Path()), report)
        print(json.dumps(report.diagnostics[0].help), end="]")
    """)
    repository = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({str(repository)!r})\n{script}"],
        capture_output=True,
        check=True,
        text=True,
        cwd=root,
    )
    assert done.stdout.startswith('[["it printed:')
    assert done.stderr == ""


def test_a_failing_module_that_printed_says_both() -> None:
    write(tools="print('hello')\n1/0")
    _, report = load("tools")
    assert [diagnostic.slug for diagnostic in report] == ["tools_module_printed", "tools_module_failed"]


def test_an_environment_in_the_project_is_not_imported_anew(root: Path) -> None:
    library = root / "env" / "site-packages"
    library.mkdir(parents=True)
    (library / "cwc_test_library.py").write_text("class Thing: ...")
    sys.path.append(str(library))
    write(tools=DOUBLE + "from cwc_test_library import Thing")
    loaded("tools")
    thing = sys.modules["tools"].Thing
    loaded("tools")
    assert sys.modules["tools"].Thing is thing
    del sys.modules["cwc_test_library"]


def test_modules_without_a_project(root: Path) -> None:
    write(cwc_test_single="x = 1")
    with importing_from(root):
        module, printed = import_module("cwc_test_single", None)
    assert (getattr(module, "x", None), printed) == (1, "")
    del sys.modules["cwc_test_single"]


@pytest.mark.parametrize(
    ("name", "holds"), [("a.b_1", True), ("é", True), ("a.", False), ("class", False), ("a-b", False)]
)
def test_names_of_modules(name: str, holds: bool) -> None:
    assert is_module_name(name) is holds


@pytest.mark.parametrize("name", ["acme.tools", "src/acme/tools.py"])
@pytest.mark.parametrize("file", ["src/acme/tools.py", "src/acme/tools/__init__.py"])
def test_a_package_below_src_is_named_where_it_lies(name: str, file: str) -> None:
    """Not as `src.acme.tools`: its modules would be other ones than those that they import each other as."""
    path = Path(file)
    path.parent.mkdir(parents=True)
    path.write_text(DOUBLE)
    found, _ = refused(name)
    lies = file.removesuffix("/__init__.py")
    assert (
        found.help[0] == f"{lies!r} is there; src itself has to be on sys.path: `pip install -e .`, or PYTHONPATH=src"
    )
