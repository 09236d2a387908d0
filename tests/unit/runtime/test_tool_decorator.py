"""@tool: what it reads of a function, what it refuses, and that the function stays what it was."""

from __future__ import annotations

import asyncio
import functools
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, Required, TypedDict, assert_type

import pytest
from pydantic import BaseModel, Field

from cwc.runtime.errors import ToolDefinitionError
from cwc.runtime.tools.making import FunctionTool, Tool, tool

if TYPE_CHECKING:
    from somewhere import NeverImported  # type: ignore[import-not-found]


class NumberInput(BaseModel):
    number: int


class ValueOutput(BaseModel):
    value: int


class Sum(TypedDict):
    total: int
    terms: Annotated[list[int], Field(max_length=9)]


@tool
def double(inputs: NumberInput) -> ValueOutput:
    """Doubles a number.

    Twice as much.
    """
    return ValueOutput(value=inputs.number * 2)


@tool(description="Adds two numbers.", timeout_seconds=2.5, cacheable=False, read_only=True)
async def add(left: int, right: Annotated[int, Field(ge=0)] = 10) -> ValueOutput:
    return ValueOutput(value=left + right)


def test_a_sole_model_parameter_is_the_input_model() -> None:
    assert double.input_schema is NumberInput
    assert double.output_schema is ValueOutput
    assert not double.unpacks
    assert double.fn(NumberInput(number=2)) == ValueOutput(value=4)


def test_name_and_description_come_from_the_function() -> None:
    assert double.name == "double"
    assert double.description == "Doubles a number.\n\nTwice as much."


def test_a_decorated_function_stays_callable_and_keeps_its_signature() -> None:
    assert_type(double(NumberInput(number=1)), ValueOutput)
    assert double(inputs=NumberInput(number=1)).value == 2
    assert asyncio.run(add(1, right=2)).value == 3
    with pytest.raises(TypeError):
        double(1, 2)  # type: ignore[call-arg, arg-type]


def test_func_is_the_function_as_it_was_written() -> None:
    def plain(number: int) -> ValueOutput:
        return ValueOutput(value=number)

    assert tool(plain).func is plain


def test_typed_parameters_make_an_input_model_with_their_defaults_and_constraints() -> None:
    fields = add.input_schema.model_fields
    assert add.input_schema.__name__ == "add_input"
    assert {name: field.annotation for name, field in fields.items()} == {"left": int, "right": int}
    assert fields["left"].is_required()
    assert add.input_schema.model_validate({"left": 1}) == add.input_schema(left=1, right=10)
    with pytest.raises(ValueError, match="right"):
        add.input_schema(left=1, right=-1)


def test_an_unpacking_fn_is_async_as_its_function_is() -> None:
    assert add.unpacks
    assert add.is_async
    assert not double.is_async
    assert asyncio.run(add.fn(add.input_schema(left=1))) == ValueOutput(value=11)  # type: ignore[arg-type]


def test_a_model_among_other_parameters_is_passed_as_an_instance() -> None:
    @tool
    def scaled(inputs: NumberInput, factor: int) -> ValueOutput:
        return ValueOutput(value=inputs.number * factor)

    assert scaled.unpacks
    assert scaled.fn(scaled.input_schema(inputs={"number": 2}, factor=3)) == ValueOutput(value=6)


def test_a_function_without_parameters_has_an_empty_input_model() -> None:
    @tool
    def answer() -> ValueOutput:
        return ValueOutput(value=42)

    assert answer.input_schema.model_fields == {}
    assert answer.fn(answer.input_schema()) == ValueOutput(value=42)


def test_a_keyword_only_model_parameter_is_passed_by_name() -> None:
    @tool
    def double(*, inputs: NumberInput) -> ValueOutput:
        return ValueOutput(value=inputs.number * 2)

    assert not double.unpacks
    assert double.fn(NumberInput(number=2)) == ValueOutput(value=4)


def test_a_model_parameter_may_be_annotated() -> None:
    @tool
    def double(inputs: Annotated[NumberInput, "the number"]) -> Annotated[ValueOutput, "twice"]:
        return ValueOutput(value=inputs.number * 2)

    assert double.input_schema is NumberInput
    assert double.output_schema is ValueOutput


def test_options_are_those_of_a_tool() -> None:
    assert add.timeout_seconds == 2.5
    assert not add.cacheable
    assert add.read_only is True
    assert add.safety.side_effects == "read"
    assert tool(name="other", description="d")(double.func).name == "other"


def test_a_typed_dict_is_an_output_model() -> None:
    @tool
    def total(terms: list[int]) -> Sum:
        return {"total": sum(terms), "terms": terms}

    assert total.output_schema.__name__ == "total_output"
    assert total.output_schema.model_validate({"total": 3, "terms": [1, 2]}).model_dump() == {
        "total": 3,
        "terms": [1, 2],
    }
    with pytest.raises(ValueError, match="terms"):
        total.output_schema(total=0, terms=[0] * 10)


def test_required_keys_of_a_typed_dict_that_is_not_total_will_do() -> None:
    class Partial(TypedDict, total=False):
        value: Required[int]

    @tool
    def made() -> Partial:
        return {"value": 1}

    assert made.output_schema.model_fields["value"].annotation is int


def test_an_output_schema_wins_over_the_return_annotation() -> None:
    @tool(output_schema=ValueOutput)
    def made(number: int) -> dict[str, int]:
        return {"value": number}

    @tool(output_schema=ValueOutput)
    def other(number: int) -> NeverImported:
        return {"value": number}

    assert made.output_schema is other.output_schema is ValueOutput


class TestGivenInputSchema:
    def test_fields_are_unpacked_into_the_parameters_of_their_names(self) -> None:
        class Wide(BaseModel):
            left: int
            right: int
            unused: str = ""

        @tool(input_schema=Wide)
        def difference(right: int, left: int, scale: int = 1) -> ValueOutput:
            return ValueOutput(value=(left - right) * scale)

        assert difference.input_schema is Wide
        assert difference.fn(Wide(left=5, right=2)) == ValueOutput(value=3)

    def test_it_wins_over_an_annotation(self) -> None:
        class Small(NumberInput):
            number: Annotated[int, Field(lt=10)]

        assert tool(input_schema=Small)(double.func).input_schema is Small

    def test_a_sole_parameter_that_is_no_field_takes_the_model(self) -> None:
        def double(inputs):  # type: ignore[no-untyped-def]
            return {"value": inputs.number * 2}

        made = tool(input_schema=NumberInput, output_schema=ValueOutput)(double)
        assert not made.unpacks
        assert made.fn(NumberInput(number=2)) == {"value": 4}

    def test_a_sole_parameter_that_is_a_field_takes_the_field(self) -> None:
        def double(number):  # type: ignore[no-untyped-def]
            return {"value": number * 2}

        made = tool(input_schema=NumberInput, output_schema=ValueOutput)(double)
        assert made.unpacks
        assert made.fn(NumberInput(number=2)) == {"value": 4}

    def test_a_parameter_that_is_no_field_is_refused(self) -> None:
        with pytest.raises(ToolDefinitionError, match="'count' is not a field of NumberInput"):

            @tool(input_schema=NumberInput)
            def double(count: int) -> ValueOutput:
                return ValueOutput(value=count)


def enclosing(function: Callable[[Any], Any]) -> Tool:
    NumberInput = ValueOutput  # noqa: F841
    return tool(function)


class TestAnnotationsAsStrings:
    """Every annotation of this module is a string; these name what a module's globals do not hold."""

    def test_names_local_to_the_enclosing_function(self) -> None:
        class LocalInput(BaseModel):
            number: int

        class LocalOutput(TypedDict):
            inputs: list[LocalInput]

        @tool
        def made(inputs: LocalInput) -> LocalOutput:
            return {"inputs": [inputs]}

        assert made.input_schema is LocalInput
        assert made.output_schema.model_fields["inputs"].annotation == list[LocalInput]

    def test_names_local_to_a_function_further_out(self) -> None:
        class LocalInput(BaseModel):
            number: int

        def factory() -> Tool:
            @tool
            def made(inputs: LocalInput) -> ValueOutput:
                return ValueOutput(value=inputs.number)

            return made

        assert factory().input_schema is LocalInput

    def test_names_in_the_closure_of_a_function_that_has_returned(self) -> None:
        def factory() -> Callable[[Any], ValueOutput]:
            class LocalInput(BaseModel):
                number: int

            def made(inputs: LocalInput) -> ValueOutput:
                return ValueOutput(value=LocalInput.model_validate(inputs).number)

            return made

        assert tool(factory()).input_schema.__name__ == "LocalInput"

    def test_names_of_a_namesake_elsewhere_do_not_count(self) -> None:
        NumberInput = ValueOutput  # noqa: F841

        assert tool(double.func).input_schema is double.input_schema

    def test_names_local_to_a_namesake_of_the_enclosing_function_do_not_count(self) -> None:
        scope: dict[str, Any] = {"NumberInput": NumberInput, "ValueOutput": ValueOutput}
        text = """
            def enclosing():
                def made(inputs: 'NumberInput') -> 'ValueOutput': ...
                return made
        """
        exec(compile(textwrap.dedent(text), "elsewhere.py", "exec"), scope)
        assert enclosing(scope["enclosing"]()).input_schema is NumberInput

    def test_names_that_mean_nothing_are_refused(self) -> None:
        with pytest.raises(ToolDefinitionError, match="'Nowhere' is not defined"):

            @tool
            def made(inputs: Nowhere) -> ValueOutput:  # type: ignore[name-defined]  # noqa: F821
                return ValueOutput(value=1)


def test_a_decorator_underneath_that_wraps_is_seen_through() -> None:
    def shouting(function: Callable[[NumberInput], ValueOutput]) -> Callable[[NumberInput], ValueOutput]:
        @functools.wraps(function)
        def louder(inputs: NumberInput) -> ValueOutput:
            return ValueOutput(value=function(inputs).value * 100)

        return louder

    @tool
    @shouting
    def double(inputs: NumberInput) -> ValueOutput:
        return ValueOutput(value=inputs.number * 2)

    assert double.input_schema is NumberInput
    assert double.fn(NumberInput(number=2)) == ValueOutput(value=400)


class Optionals(TypedDict):
    value: NotRequired[int]


class Unknown:
    pass


def untyped(number) -> ValueOutput:  # type: ignore[no-untyped-def]
    return ValueOutput(value=number)


def without_return(number: int):  # type: ignore[no-untyped-def]
    return {"value": number}


def returning_none(number: int) -> None:
    del number


def returning_a_dict(number: int) -> Mapping[str, int]:
    return {"value": number}


def optional_keys() -> Optionals:
    return {}


def many(*numbers: int) -> ValueOutput:
    return ValueOutput(value=sum(numbers))


def any_keywords(**numbers: int) -> ValueOutput:
    return ValueOutput(value=sum(numbers.values()))


def by_position(number: int, /) -> ValueOutput:
    return ValueOutput(value=number)


def underscored(_number: int) -> ValueOutput:
    return ValueOutput(value=_number)


def arbitrary(thing: Unknown) -> ValueOutput:
    return ValueOutput(value=len(str(thing)))


def generator(number: int) -> Iterator[ValueOutput]:
    yield ValueOutput(value=number)


@pytest.mark.parametrize(
    ("function", "detail"),
    [
        (untyped, "parameter 'number' has no type annotation"),
        (without_return, "it has no return annotation"),
        (returning_none, "it returns None"),
        (returning_a_dict, "neither a model nor a TypedDict"),
        (optional_keys, "key 'value' of Optionals may be missing"),
        (many, "parameter 'numbers' takes any number"),
        (any_keywords, "parameter 'numbers' takes any number"),
        (by_position, "remove the '/'"),
        (underscored, "remove the underscore"),
        (arbitrary, "no model can be made of its types"),
        (generator, "it is a generator"),
    ],
)
def test_what_cannot_be_a_tool_is_refused_by_name_file_and_line(function: Callable[..., object], detail: str) -> None:
    with pytest.raises(ToolDefinitionError, match=detail) as caught:
        tool(function)
    line = function.__code__.co_firstlineno
    assert caught.value.function_name == function.__name__
    assert caught.value.location == f"{__file__}:{line}"
    assert f"'{function.__name__}' ({__file__}:{line})" in str(caught.value)


@pytest.mark.parametrize("thing", [len, NumberInput, functools.partial(returning_none, 1), 5, None.__class__])
def test_only_python_functions_are_made_into_tools(thing: Any) -> None:
    with pytest.raises(ToolDefinitionError, match="not a Python function"):
        FunctionTool(thing)


def test_options_that_make_no_tool_are_refused_at_the_function() -> None:
    with pytest.raises(ToolDefinitionError, match="timeout_seconds") as caught:
        tool(timeout_seconds=0)(double.func)
    assert caught.value.location is not None
    with pytest.raises(ToolDefinitionError, match="not a Pydantic model class"):
        tool(output_schema=dict)(double.func)  # type: ignore[arg-type]
