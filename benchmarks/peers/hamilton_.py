"""Hamilton: a module of functions whose parameters name other functions, executed by a driver."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("HAMILTON_TELEMETRY_ENABLED", "false")

from hamilton import ad_hoc_utils, async_driver, driver

from benchmarks.schemas import added, leaf, validated


def linear(steps: int) -> Callable[[], object]:
    functions = []
    for number in range(steps):
        scope = {"validated": validated}
        source = "start" if number == 0 else f"s{number - 1}"
        exec(f"def s{number}({source}: int) -> int:\n    return validated({source})\n", scope)
        functions.append(scope[f"s{number}"])
    module = ad_hoc_utils.create_temporary_module(*functions, module_name=f"bench_{steps}")
    made = driver.Builder().with_modules(module).build()
    last = f"s{steps - 1}"
    return lambda: made.execute([last], inputs={"start": 1})[last]


def fan(count: int, seconds: float) -> Callable[[], Awaitable[object]]:
    functions, drivers = [], list[Any]()
    for number in range(count):
        scope = {"leaf": leaf}
        exec(f"async def leaf{number}(seconds: float) -> int:\n    return await leaf(seconds)\n", scope)
        functions.append(scope[f"leaf{number}"])
    module = ad_hoc_utils.create_temporary_module(*functions)
    names = [f"leaf{number}" for number in range(count)]

    async def run() -> object:
        if not drivers:
            # It is made within the event loop that it runs in.
            drivers.append(await async_driver.Builder().with_modules(module).build())
        return await drivers[0].execute(names, inputs={"seconds": seconds})

    return run


def dag(document: dict[str, Any]) -> Callable[[], object]:
    functions = []
    for step in document["steps"]:
        left, right = step["input_mapping"]["left"], step["input_mapping"]["right"]
        name, scope = f"out_{step['step_id']}", {"added": added}
        parameters = ", ".join(f"{source}: int" for source in dict.fromkeys((left, right)))
        exec(f"def {name}({parameters}) -> int:\n    return added({left}, {right})\n", scope)
        functions.append(scope[name])
    made = driver.Builder().with_modules(ad_hoc_utils.create_temporary_module(*functions)).build()
    named = {on for step in document["steps"] for on in step["depends_on"]}
    last = [f"out_{step['step_id']}" for step in document["steps"] if step["step_id"] not in named]
    return lambda: made.execute(last, inputs={"one": 1})
