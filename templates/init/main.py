"""Runs the compiled flow from Python: `cwc build && python main.py`."""

import asyncio

from generated import double_and_format

result = double_and_format.run({"number": 5})
print(result.final_output)
for record in result.execution_log:
    print(record.step_index, record.tool_name, record.outputs)

print(asyncio.run(double_and_format.run_async({"number": 6})).final_output)
