"""Which fields can be resolved and completed without graphql-core's general machinery, and how.

These are the attributes and synchronous methods of strawberry types whose value is a leaf, an
object or a list of either, asked for without arguments. `executor` takes this way where it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLID,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

_KEPT = "entrepot-short-way"
_NO_INFO: Any = None  # strawberry's `is_type_of` looks at the value only


@dataclass(frozen=True, slots=True)
class ValueWay:
    """How to complete a value of one type: a leaf becomes JSON, an object is checked."""

    declared: GraphQLOutputType
    nullable: bool
    coerce: Callable[[Any], Any] | None
    """Turns a leaf's value into JSON; None where the value is an object."""
    unchanged: type | None
    """Values of exactly this type are JSON already."""
    object_type: GraphQLObjectType | None

    def completed(self, value: Any) -> Any:
        """Return a leaf as JSON, an object as it is, `Undefined` for what needs the long way.

        May raise what the leaf's type raises.
        """
        if value is None:
            return None if self.nullable else Undefined
        if self.object_type is not None:
            matches = self.object_type.is_type_of
            if matches is None:
                return Undefined if optimized_is_awaitable(value) else value
            return value if matches(value, _NO_INFO) is True else Undefined
        if type(value) is self.unchanged:
            return value
        completed = cast("Callable[[Any], Any]", self.coerce)(value)
        return Undefined if completed is None else completed


@dataclass(frozen=True, slots=True)
class ShortWay:
    """How to get and complete one field's value; `of` is for the items where it is a list."""

    get: Callable[..., Any]
    definition: StrawberryField
    field: GraphQLField
    is_method: bool
    takes_info: bool
    of: ValueWay
    is_list: bool
    nullable: bool

    def completed(self, value: Any) -> Any:
        """Return the value completed, item by item of a list, or `Undefined`; may raise."""
        if not self.is_list:
            return self.of.completed(value)
        if value is None:
            return None if self.nullable else Undefined
        if type(value) is not list:
            return Undefined
        completed = self.of.completed
        items = [completed(item) for item in value]
        return Undefined if any(item is Undefined for item in items) else items


def short_way(field: GraphQLField) -> ShortWay | None:
    """Return the way of a field asked for without arguments, or None where it needs the long one.

    Arguments left out must mean None: what strawberry makes of other defaults is its own affair.
    """
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or definition.extensions or definition.is_async:
        return None
    if any(argument.default_value not in (None, Undefined) for argument in field.args.values()):
        return None
    inner, nullable = _unwrapped(field.type)
    is_list = is_list_type(inner)
    of = value_way(inner.of_type if is_list else field.type)
    getter = _getter(definition)
    if of is None or getter is None:
        return None
    get, takes_info = getter
    is_method = definition.base_resolver is not None
    return ShortWay(get, definition, field, is_method, takes_info, of, is_list, nullable)


def way_of(field: GraphQLField) -> ShortWay | None:
    """Return `short_way(field)`, worked out once a schema."""
    extensions = field.extensions
    if _KEPT not in extensions:
        extensions[_KEPT] = short_way(field)
    return cast("ShortWay | None", extensions[_KEPT])


def _unwrapped(declared: GraphQLOutputType) -> tuple[Any, bool]:
    if is_non_null_type(declared):
        return cast(Any, declared).of_type, False
    return declared, True


def value_way(declared: GraphQLOutputType) -> ValueWay | None:
    """Return how to complete values of a type, or None where it needs the long way."""
    inner, nullable = _unwrapped(declared)
    if is_leaf_type(inner):
        leaf: GraphQLLeafType = inner
        text = str if leaf in (GraphQLString, GraphQLID) else None
        return ValueWay(declared, nullable, leaf.coerce_output_value, text, None)
    if is_object_type(inner):
        return ValueWay(declared, nullable, None, None, inner)
    return None


def _getter(definition: StrawberryField) -> tuple[Callable[..., Any], bool] | None:
    """Return what gets the value from an object, and whether it wants `info` by name."""
    resolver = definition.base_resolver
    if resolver is None:
        return attrgetter(definition.python_name), False
    info = resolver.info_parameter
    if resolver.self_parameter is None or (info is not None and info.name != "info"):
        return None
    others = [
        parameter
        for name, parameter in resolver.signature.parameters.items()
        if name not in ("self", "info")
    ]
    if any(parameter.default is not None for parameter in others):
        return None
    return cast("Callable[..., Any]", resolver.wrapped_func), info is not None
