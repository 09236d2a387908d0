"""Flow files that cannot be read: what stands where one is looked for, its encoding, its YAML, its JSON."""
# ruff: noqa: E501

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from tests.unit.cli.bad_inputs.row import Row, bad_flow, linear, link

GOOD = linear()
YAML = "type: Flow\nname: bad\ndescription: d\nsteps: []\n"


def no_flows() -> None:
    shutil.rmtree("flows")


def flows_is_empty() -> None:
    no_flows()
    Path("flows").mkdir()


def sparse() -> None:
    with Path("flows/bad.flow.yaml").open("wb") as file:
        file.truncate(2**40)


def flows_is_a_file() -> None:
    no_flows()
    Path("flows").write_text("x")


def flows_is_a_loop() -> None:
    no_flows()
    Path("flows").symlink_to("flows")


def deep_folder() -> None:
    folder = Path("flows", *["d"] * 300)
    folder.mkdir(parents=True)
    (folder / "bad.flow.yaml").write_text("x")


BILLION = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGES = "a0: &a0 {k0: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40))

FILES = (
    Row("a file that is not there", ("build", "flows/bad.flow.yaml")),
    Row("a file that is not there, by check", ("check", "flows/bad.flow.yaml")),
    Row("a file below a file", ("build", "tools.py/bad.flow.yaml")),
    Row("a file of another name", ("build", "tools.py")),
    Row("an empty name", ("build", "")),
    Row("a name with a line break", ("build", "a\nb.flow.yaml")),
    Row("a name with NUL", ("build", "a\0b.flow.yaml")),
    Row("a name with an escape", ("build", "\x1b[31mred.flow.yaml")),
    Row("a name that turns the reading", ("build", "\u202egnp.flow.yaml")),
    Row("a name that is no text", ("build", "bad\udcff.flow.yaml")),
    Row("a name of 10,000 characters", ("build", "x" * 10_000 + ".flow.yaml")),
    Row("a path of 10,000 characters", ("build", "x/" * 5_000 + "bad.flow.yaml")),
    Row("a folder named as a flow file", ("build", "flows/bad.flow.yaml"), prepare=lambda: os.mkdir("flows/bad.flow.yaml")),
    Row("a pipe", prepare=lambda: os.mkfifo("flows/bad.flow.yaml")),
    Row("a pipe that is named", ("build", "flows/bad.flow.yaml"), prepare=lambda: os.mkfifo("flows/bad.flow.yaml")),
    Row("a device", ("build", "/dev/zero")),
    Row("a device behind a link", prepare=link("flows/bad.flow.yaml", "/dev/zero")),
    Row("a link to nothing", prepare=link("flows/bad.flow.yaml", "nowhere")),
    Row("a link to itself", prepare=link("flows/bad.flow.yaml", "bad.flow.yaml")),
    Row("a link that is named, to itself", ("check", "flows/l"), prepare=link("flows/l", "l")),
    Row("a link to the folder around it", prepare=link("flows/around", ".")),
    Row("an empty file", files={"flows/bad.flow.yaml": ""}),
    Row("an empty JSON file", files={"flows/bad.flow.json": ""}),
    Row("a file of 6 MB", files={"flows/bad.flow.yaml": b"#" * (6 * 2**20)}),
    Row("a file of a terabyte", prepare=sparse),
    Row("no folder of flows", prepare=no_flows),
    Row("an empty folder of flows", prepare=flows_is_empty),
    Row("a file for the folder of flows", prepare=flows_is_a_file),
    Row("a link to itself for the folder of flows", prepare=flows_is_a_loop),
    Row("a folder 300 levels deep", prepare=deep_folder),
    Row("the same flow twice", files={"flows/bad.flow.yaml": YAML, "flows/worse.flow.yaml": YAML}),
)  # fmt: skip

ENCODINGS = (
    bad_flow("a byte order mark", b"\xef\xbb\xbf" + YAML.encode()),
    bad_flow("a byte order mark in JSON", b"\xef\xbb\xbf" + GOOD.encode(), suffix="json"),
    bad_flow("UTF-16", YAML.encode("utf-16")),
    bad_flow("UTF-16 in JSON", GOOD.encode("utf-16"), suffix="json"),
    bad_flow("UTF-32", YAML.encode("utf-32")),
    bad_flow("UTF-16 without a mark", YAML.encode("utf-16-le")),
    bad_flow("UTF-7", "+AHQAeQBwAGU-: Flow\n"),
    bad_flow("latin-1", YAML.encode() + "description: é\n".encode("latin-1")),
    bad_flow("a surrogate in bytes", b"name: \xed\xa0\x80\n"),
    bad_flow("an overlong slash", b"name: \xc0\xaf\n"),
    bad_flow("a cut-off character", YAML.encode() + b"# \xe2\x82"),
    bad_flow("NUL", YAML + "# \0\n"),
    bad_flow("NUL in JSON", GOOD + "\0", suffix="json"),
    bad_flow("a picture", bytes(range(256)) * 20),
    bad_flow("zeroes", bytes(1000)),
    bad_flow("old line ends", YAML.replace("\n", "\r")),
)

YAMLS = (
    bad_flow("a bomb of aliases", BILLION),
    bad_flow("a bomb of merges", MERGES),
    bad_flow("a cyclic alias", "a: &a [*a]\n"),
    bad_flow("a cyclic merge", "a: &a {<<: *a}\n"),
    bad_flow("an alias of nothing", "a: *nothing\n"),
    bad_flow("a hundred thousand brackets", "[" * 100_000),
    bad_flow("a hundred thousand braces", "{a: " * 100_000),
    bad_flow("a hundred thousand dashes", "- " * 100_000),
    bad_flow("a hundred thousand question marks", "? " * 100_000),
    bad_flow("nesting by indentation", "".join(" " * n + "a:\n" for n in range(2000))),
    bad_flow("a tag that runs code", "a: !!python/object/apply:os.system ['touch imported']\n"),
    bad_flow("a tag that imports", "a: !!python/name:canary.x\n"),
    bad_flow("a tag that makes an object", "a: !!python/object/new:canary.X {}\n"),
    bad_flow("a tag that imports a module", "a: !!python/module:canary\n"),
    bad_flow("a tag of one's own", "a: !mine 1\n"),
    bad_flow("a date that does not exist", "a: 2024-02-30\n"),
    bad_flow("an hour that does not exist", "a: 2024-01-01 25:00:00\n"),
    bad_flow("an integer of 5,000 digits", "a: " + "9" * 5000),
    bad_flow("a hexadecimal integer of 5,000 digits", "a: 0x" + "f" * 5000),
    bad_flow("a float of 5,000 digits", YAML + "deterministic: 1." + "9" * 5000),
    bad_flow("a tab", "a:\n\t- b\n"),
    bad_flow("two documents", YAML + "---\n" + YAML),
    bad_flow("a thousand documents", "---\n" * 1000),
    bad_flow("a directive of another version", "%YAML 3.0\n---\na: 1\n"),
    bad_flow("keys that are lists", "? [a]\n: 1\n"),
    bad_flow("a key twice", YAML + "name: again\n"),
    bad_flow("a scalar", "just text\n"),
    bad_flow("a list", "- type: Flow\n"),
    bad_flow("null", "~\n"),
    bad_flow("a comment", "# type: Flow\n"),
    bad_flow("an open quote", 'name: "x\n'),
    bad_flow("a text of 200,000 characters", YAML + "description: " + "x" * 200_000),
    bad_flow("a key of 200,000 characters", YAML + "x" * 200_000 + ": 1"),
    bad_flow("200,000 values", YAML + "trigger_conditions: {a: [" + "1," * 200_000 + "]}"),
    bad_flow("a control character", "name: a\x07b\n"),
    bad_flow("Windows-1252 quotes as escapes", 'name: "\\x93x\\x94"\n'),
    bad_flow("a merge of a list", "<<: [1]\n"),
    bad_flow("a template", "{{ name }}: {% x %}\n"),
)

JSONS = (
    bad_flow("a key twice in JSON", '{"type": "Flow", "type": "DAGFlow"}', suffix="json"),
    bad_flow("NaN", linear(trigger_conditions={"x": float("nan")}), suffix="json"),
    bad_flow("Infinity as a literal", linear({"input_mapping": {"number": float("inf")}}), suffix="json"),
    bad_flow("NaN as a literal", linear({"input_mapping": {"number": float("nan")}}), suffix="json"),
    bad_flow("1e999", '{"type": "Flow", "name": 1e999}', suffix="json"),
    bad_flow("a comma at the end", '{"type": "Flow",}', suffix="json"),
    bad_flow("single quotes", "{'type': 'Flow'}", suffix="json"),
    bad_flow("a comment in JSON", '{"type": "Flow"} // x', suffix="json"),
    bad_flow("5,000 digits in JSON", '{"type": ' + "9" * 5000 + "}", suffix="json"),
    bad_flow("5,000 digits as a literal", '{"a": [-' + "9" * 5000 + "]}", suffix="json"),
    bad_flow("a lone surrogate as the name", linear(name="\ud800"), suffix="json"),
    bad_flow("a lone surrogate as a key", linear({"output_mapping": {"\udfff": "value"}}), suffix="json"),
    bad_flow("a lone surrogate as a tool", linear({"tool_name": "\ud800"}), suffix="json"),
    bad_flow("a lone surrogate as a field", linear({"\ud800": 1}), suffix="json"),
    bad_flow("NUL as the name", linear(name="a\0b"), suffix="json"),
    bad_flow("a hundred thousand brackets in JSON", "[" * 100_000, suffix="json"),
    bad_flow("a hundred thousand objects in JSON", '{"a":' * 100_000, suffix="json"),
    bad_flow("65 levels", linear(trigger_conditions={"x": json.loads("[" * 65 + "]" * 65)}), suffix="json"),
    bad_flow("YAML in a JSON file", YAML, suffix="json"),
    bad_flow("two objects", "{}{}", suffix="json"),
    bad_flow("a number", "5", suffix="json"),
    bad_flow("an escape that is cut off", '{"a": "\\u12"}', suffix="json"),
    bad_flow("a line break in a text", '{"a": "x\ny"}', suffix="json"),
)

FLOWS = (*ENCODINGS, *YAMLS, *JSONS)
