"""Strawberry's executor with a short way for the plain fields that most of an answer consists of.

A field takes the short way when it is an attribute, or a synchronous method without arguments, of
a strawberry type, and its value is a leaf or an object. Whatever is out of the ordinary there (an
exception, an awaitable, a null that may not be, a value of another type) is left to graphql-core,
which runs the field again the long way and reports the error with its path. Measured on 20 rows
of 11 fields: 0.35 ms instead of 1.1 ms CPU.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLID,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    Undefined,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Path, gather_with_cancel
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

_KEPT = "entrepot-short-way"
_NO_INFO: Any = None  # strawberry's `is_type_of` looks at the value only

Step = tuple[str, Any, "ShortWay | None"]


@dataclass(frozen=True, slots=True)
class ShortWay:
    """How to get and complete one field's value without graphql-core's general machinery."""

    get: Callable[[Any], Any]
    field_type: GraphQLOutputType
    nullable: bool
    coerce: Callable[[Any], Any] | None
    """Turns a leaf's value into JSON; None where the value is an object."""
    unchanged: type | None
    """Values of exactly this type are JSON already."""
    object_type: GraphQLObjectType | None


def short_way(field: GraphQLField) -> ShortWay | None:
    """Return the short way for a field, or None where it needs the long one."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or field.args:
        return None
    get = _getter(definition)
    inner: Any = field.type
    nullable = not is_non_null_type(inner)
    if not nullable:
        inner = inner.of_type
    if get is None:
        return None
    if is_leaf_type(inner):
        leaf: GraphQLLeafType = inner
        text = str if leaf in (GraphQLString, GraphQLID) else None
        return ShortWay(get, field.type, nullable, leaf.coerce_output_value, text, None)
    if is_object_type(inner):
        return ShortWay(get, field.type, nullable, None, None, inner)
    return None


def _getter(definition: StrawberryField) -> Callable[[Any], Any] | None:
    if definition.extensions or definition.is_async:
        return None
    resolver = definition.base_resolver
    if resolver is None:
        return attrgetter(definition.python_name)
    if resolver.self_parameter is None or len(resolver.signature.parameters) > 1:
        return None
    return cast("Callable[[Any], Any]", resolver.wrapped_func)


def _way_of(field: GraphQLField) -> ShortWay | None:
    """Return `short_way(field)`, worked out once a schema."""
    extensions = field.extensions
    if _KEPT not in extensions:
        extensions[_KEPT] = short_way(field)
    return cast("ShortWay | None", extensions[_KEPT])


def _short_value(short: ShortWay, source: Any) -> Any:
    """Return a field's value (of a leaf: as JSON), or `Undefined` where it needs the long way."""
    try:
        value = short.get(source)
        if value is None:
            return None if short.nullable else Undefined
        if short.object_type is not None:
            matches = short.object_type.is_type_of
            if matches is None:
                return Undefined if optimized_is_awaitable(value) else value
            return value if matches(value, _NO_INFO) is True else Undefined
        if type(value) is short.unchanged:
            return value
        completed = cast("Callable[[Any], Any]", short.coerce)(value)
    except Exception:
        return Undefined  # raised again, and reported, on the long way
    return Undefined if completed is None else completed


class FastExecutor(StrawberryGraphQLCoreExecutionContext):
    """One execution; each mutation field of it starts with empty loaders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._steps: dict[int, tuple[Any, list[Step]]] = {}

    def build_resolve_info(
        self,
        field_def: GraphQLField,
        field_nodes: list[FieldNode],
        parent_type: GraphQLObjectType,
        path: Path,
    ) -> GraphQLResolveInfo[Any]:
        if parent_type is self.schema.mutation_type:
            self.context_value.forget_loaded()
        return super().build_resolve_info(field_def, field_nodes, parent_type, path)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """Execute the fields of one object; see graphql-core's method of this name."""
        results: dict[str, Any] = {}
        pending: list[str] = []
        try:
            for name, details, short in self._steps_of(parent_type, grouped_field_set):
                if short is not None:
                    value = _short_value(short, source_value)
                    if short.object_type is None or value is None:
                        if value is not Undefined:
                            results[name] = value
                            continue
                    elif value is not Undefined:
                        field_path = Path(path, name, parent_type.name)
                        value = self._object(short, details, field_path, value, position_context)
                        results[name] = value
                        if value is not None and type(value) is not dict:
                            pending.append(name)
                        continue
                result = self.execute_field(
                    parent_type,
                    source_value,
                    details,
                    Path(path, name, parent_type.name),
                    position_context,
                )
                if result is not Undefined:
                    results[name] = result
                    if self.is_awaitable(result):
                        pending.append(name)
        except Exception:
            if pending:
                self.settle_in_background([results[name] for name in pending])
            raise
        return self._settled(results, pending) if pending else results

    def _steps_of(self, parent_type: GraphQLObjectType, grouped_field_set: Any) -> list[Step]:
        known = self._steps.get(id(grouped_field_set))
        if known is not None:
            return known[1]
        steps: list[Step] = []
        for name, details in grouped_field_set.items():
            field = self.schema.get_field(parent_type, details[0].node.name.value)
            steps.append((name, details, None if field is None else _way_of(field)))
        self._steps[id(grouped_field_set)] = (grouped_field_set, steps)  # alive: the id stays its
        return steps

    def _object(
        self, short: ShortWay, details: Any, path: Path, value: Any, position_context: Any
    ) -> Any:
        try:
            completed = self.collect_and_execute_subfields(
                cast(GraphQLObjectType, short.object_type), details, path, value, position_context
            )
        except Exception as error:
            self.handle_field_error(error, short.field_type, details, path)
            return None
        if type(completed) is dict:
            return completed
        return self._awaited_object(cast("Awaitable[Any]", completed), short, details, path)

    async def _awaited_object(
        self, completed: Awaitable[Any], short: ShortWay, details: Any, path: Path
    ) -> Any:
        try:
            return await completed
        except Exception as error:
            self.handle_field_error(error, short.field_type, details, path)
            return None

    async def _settled(self, results: dict[str, Any], pending: list[str]) -> dict[str, Any]:
        if len(pending) == 1:
            results[pending[0]] = await results[pending[0]]
            return results
        values = await gather_with_cancel(*(results[name] for name in pending))
        results.update(zip(pending, values, strict=True))
        return results
