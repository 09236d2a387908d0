"""Hamilton: a module of functions whose parameters name other functions, executed by a driver."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ.setdefault("HAMILTON_TELEMETRY_ENABLED", "false")

from hamilton import ad_hoc_utils, driver

from benchmarks.schemas import validated


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
