"""Modules of tools that do what they should not, while they are imported or looked at. A row a line."""
# ruff: noqa: E501

from __future__ import annotations

import os

from tests.unit.cli.bad_inputs.row import Row


def tools(name: str, text: str | bytes, *arguments: str) -> Row:
    """A second module of tools, which is imported first."""
    files: dict[str, str | bytes | None] = {
        "pyproject.toml": '[tool.cwc]\ntools = ["more", "tools"]\n',
        "more.py": text,
    }
    return Row(f"tools: {name}", arguments or ("build",), files)


def tool(body: str) -> str:
    return f"from cwc import Tool, tool\nfrom pydantic import BaseModel\n{body}\n"


ROWS = (
    tools("a mistake in the syntax", "def (:\n"),
    tools("an error", "1 / 0\n"),
    tools("an import that fails", "import nowhere_at_all\n"),
    tools("an import of itself", "import more\nfrom more import x\n"),
    tools("exits", "import sys\nsys.exit(0)\n"),
    tools("exits with text", "raise SystemExit('bye')\n"),
    tools("interrupts", "raise KeyboardInterrupt\n"),
    tools("an error beyond Exception", "class X(BaseException): ...\nraise X('x')\n"),
    tools("an error without words", "class X(Exception):\n    def __str__(self): raise self\nraise X\n"),
    tools("an error of many lines", "raise ValueError('a\\nb\\x1b[31m')\n"),
    tools("GeneratorExit", "raise GeneratorExit\n"),
    tools("bottomless", "def f(): f()\nf()\n"),
    tools("prints", "import os, sys\nprint('{')\nsys.stderr.write('x')\nos.write(1, b'raw')\n"),
    tools("prints a lot", "print('x' * 10**6)\n"),
    tools("prints bytes", "import sys\nsys.stdout.buffer.write(b'\\xff')\n"),
    tools("closes the streams", "import sys\nsys.stdout.close()\nsys.stderr.close()\n"),
    tools("takes the streams away", "import sys\nsys.stdout = sys.stderr = None\n"),
    tools("changes the folder", "import os\nos.chdir('/')\n"),
    tools("removes the folder of flows", "import shutil\nshutil.rmtree('flows')\n"),
    tools("empty", ""),
    tools("NUL", "x = '\0'\n"),
    tools("not UTF-8", b"# \xff\nx = 1\n"),
    tools("an unknown encoding", "# coding: no-such\n"),
    tools("UTF-16", "x = 1\n".encode("utf-16")),
    tools("replaces itself", "import sys\nsys.modules[__name__] = 5\n"),
    tools("removes itself", "import sys\ndel sys.modules[__name__]\n"),
    tools("leaves a thread", "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"),
    tools("a signal handler", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"),
    tools("warns", "import warnings\nwarnings.warn('x', DeprecationWarning)\n"),
    tools("an import hook", "import sys\nclass H:\n    def find_spec(self, *a): raise RuntimeError('hook')\nsys.meta_path.insert(0, H())\n"),
    tools("objects that raise on every look", "class X:\n    def __getattribute__(self, name): raise RuntimeError(name)\nx = X()\n"),
    tools("objects whose class lies", "class X:\n    __class__ = property(lambda self: 1 / 0)\nx = X()\n"),
    tools("objects that exit on a look", "class X:\n    def __getattr__(self, name): raise SystemExit\nx = X()\n"),
    tools("a module that exits on a look", "def __getattr__(name): raise SystemExit\n"),
    tools("two tools of one name", tool("@tool(description='')\ndef double(value: int) -> int: ...")),
    tools("two tools of one name in one module", tool("class A(BaseModel): x: int\na = Tool(name='a', description='', input_schema=A, output_schema=A, fn=print)\nb = Tool(name='a', description='', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool without types", tool("@tool(description='')\ndef bare(x): ...")),
    tools("a tool of unknown types", tool("@tool(description='')\ndef bare(x: 'Nope') -> 'Nope': ...")),
    tools("a tool of any arguments", tool("@tool(description='')\ndef bare(*x: int, **y: int) -> int: ...")),
    tools("a tool that is a class", tool("@tool(description='')\nclass X: ...")),
    tools("a tool that is a number", tool("tool(description='')(5)")),
    tools("a tool with a wrong schema", tool("x = Tool(name='x', description='', input_schema=int, output_schema=5, fn=print)")),
    tools("a tool without a name", tool("class A(BaseModel): x: int\nx = Tool(name='', description='', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool whose name is a number", tool("class A(BaseModel): x: int\nx = Tool(name=5, description='', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool whose name is hostile", tool("class A(BaseModel): x: int\nx = Tool(name='a\\n\\x1b[2J\\ud800', description='\\ud800', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool whose schema raises", tool("class A(BaseModel):\n    x: int\n    @classmethod\n    def model_json_schema(cls, *a, **k): raise RuntimeError('schema')\nx = Tool(name='x', description='', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool whose schema exits", tool("class A(BaseModel):\n    x: int\n    @classmethod\n    def model_json_schema(cls, *a, **k): raise SystemExit\nx = Tool(name='x', description='', input_schema=A, output_schema=A, fn=print)")),
    tools("a tool that was taken apart", tool("class A(BaseModel): x: int\nx = Tool(name='x', description='', input_schema=A, output_schema=A, fn=print)\nobject.__setattr__(x, 'input_schema', None)")),
    tools("a tool that looks like one", tool("class Tool:\n    name = 'x'\n    description = ''\n    input_schema = output_schema = BaseModel\n    fn = None\nx = Tool()")),
    Row("tools: a package that is broken", files={"pyproject.toml": '[tool.cwc]\ntools = ["more"]\n', "more/__init__.py": "1/0"}),
    Row("tools: a folder without a package", files={"pyproject.toml": '[tool.cwc]\ntools = ["more"]\n', "more/x.txt": ""}),
    Row("tools: a module that is a folder", files={"pyproject.toml": '[tool.cwc]\ntools = ["more"]\n'}, prepare=lambda: os.mkdir("more.py")),
    Row("tools: a module that is a pipe", files={"pyproject.toml": '[tool.cwc]\ntools = ["more", "tools"]\n'}, prepare=lambda: os.mkfifo("more.py")),
    Row("tools: a module named as one of Python's", files={"pyproject.toml": '[tool.cwc]\ntools = ["json"]\n', "json.py": "open('imported', 'w')"}),
    Row("tools: an option that names nothing", ("build", "--tools", "nowhere")),
    Row("tools: an option that names a path", ("build", "--tools", "./tools.py")),
    Row("tools: an option with a line break", ("build", "--tools", "a\nb")),
    Row("tools: an option with NUL", ("build", "--tools", "a\0b")),
    Row("tools: an option that is empty", ("build", "--tools", "")),
    Row("tools: gone", files={"tools.py": None}),
)  # fmt: skip
