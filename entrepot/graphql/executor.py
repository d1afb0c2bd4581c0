"""Strawberry's executor with a short way for the plain fields that most of an answer consists of.

Whatever is out of the ordinary on the short way (an exception, a null that may not be, a value of
another type) is left to graphql-core, which runs the field again the long way and reports the
error with its path. What depends on the document alone is worked out once a document.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, cast

import strawberry
from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, Undefined
from graphql.pyutils import Path, gather_with_cancel
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from entrepot.graphql.short_way import ShortWay, ValueWay, value_way, way_of

Step = tuple[str, Any, ShortWay | None]
"""A field of a selection set: its name in the answer, its nodes, and its short way if any."""


@dataclass(slots=True)
class Plan:
    """What executions of one operation may share: which fields each selection set collects to.

    Only where no `@skip` or `@include` makes that depend on the variables. Used from one event
    loop. Keys are ids of lists that the values keep alive.
    """

    root: Any = None
    sub_fields: dict[Any, Any] = field(default_factory=dict)
    steps: dict[int, tuple[Any, list[Step]]] = field(default_factory=dict)
    below: dict[int, tuple[Any, list[Step]]] = field(default_factory=dict)


class FastExecutor(StrawberryGraphQLCoreExecutionContext):
    """One execution; each mutation field of it starts with empty loaders."""

    def __init__(self, *args: Any, plan: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plan = plan or Plan()
        self._relevant_sub_fields = self._plan.sub_fields

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

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: Any,
        serially: bool,
        position_context: Any,
    ) -> Any:
        """Execute the root fields as the operation's first execution collected them."""
        if self._plan.root is None:
            self._plan.root = grouped_field_set
        return super().execute_root_grouped_field_set(
            root_type, root_value, self._plan.root, serially, position_context
        )

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """Execute the fields of one object; see graphql-core's method of this name."""
        steps = self._steps_of(parent_type, grouped_field_set)
        return self._execute_steps(parent_type, source_value, path, steps)

    def _execute_steps(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        steps: list[Step],
    ) -> Any:
        results: dict[str, Any] = {}
        pending: list[str] = []
        try:
            for name, details, way in steps:
                result: Any = Undefined
                if way is None:
                    pass
                elif way.is_method or way.is_list or way.of.object_type is not None:
                    field_path = Path(path, name, parent_type.name)
                    result = self._short(way, source_value, details, parent_type, field_path)
                else:  # a leaf that is an attribute: most of all fields
                    try:
                        result = way.of.completed(way.get(source_value))
                    except Exception:
                        result = Undefined  # raised again, and reported, on the long way
                    if result is not Undefined:
                        results[name] = result
                        continue
                if result is Undefined:
                    field_path = Path(path, name, parent_type.name)
                    result = self.execute_field(
                        parent_type, source_value, details, field_path, None
                    )
                    if result is Undefined:
                        continue
                results[name] = result
                if type(result) is not dict and optimized_is_awaitable(result):
                    pending.append(name)
        except Exception:
            if pending:
                self.settle_in_background([results[name] for name in pending])
            raise
        return self._settled(results, pending) if pending else results

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete a list that a resolver was awaited for; see graphql-core's method."""
        of = value_way(return_type.of_type) if type(result) is list else None
        if of is not None and of.object_type is not None:
            values = [of.completed(value) for value in result]
            if not any(value is Undefined for value in values):
                return self._objects(of, field_details_list, path, values)
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _steps_of(self, parent_type: GraphQLObjectType, grouped_field_set: Any) -> list[Step]:
        known = self._plan.steps.get(id(grouped_field_set))
        if known is not None:
            return known[1]
        steps: list[Step] = []
        for name, details in grouped_field_set.items():
            node = details[0].node
            definition = self.schema.get_field(parent_type, node.name.value)
            plain = definition is not None and not node.arguments
            steps.append((name, details, way_of(definition) if definition and plain else None))
        self._plan.steps[id(grouped_field_set)] = (grouped_field_set, steps)
        return steps

    def _steps_below(self, object_type: GraphQLObjectType, details: Any) -> list[Step]:
        """The steps for the value of a field; its nodes belong to one parent, so to one type."""
        known = self._plan.below.get(id(details))
        if known is not None:
            return known[1]
        fields = self.collect_subfields(object_type, details).grouped_field_set
        steps = self._steps_of(object_type, fields)
        self._plan.below[id(details)] = (details, steps)
        return steps

    def _short(
        self,
        way: ShortWay,
        source: Any,
        details: Any,
        parent_type: GraphQLObjectType,
        path: Path,
    ) -> Any:
        """Return a field's value as JSON, an awaitable of it, or `Undefined`."""
        info = value = None
        try:
            if way.takes_info:
                info = self._info(way, details, parent_type, path)
                value = way.get(source, info=strawberry.Info(info, way.definition))
            else:
                value = way.get(source)
            completed = way.completed(value)
        except Exception:
            completed = Undefined  # raised again, and reported, on the long way
        if completed is Undefined and way.is_method and optimized_is_awaitable(value):
            info = info or self._info(way, details, parent_type, path)
            return self.complete_awaitable_value(way.field.type, details, info, path, value, None)
        if completed is None or completed is Undefined or way.of.object_type is None:
            return completed
        try:
            if way.is_list:
                completed = self._objects(way.of, details, path, completed)
            else:
                completed = self._object(way.of.object_type, details, path, completed)
        except Exception as error:
            self.handle_field_error(error, way.field.type, details, path)
            return None
        if type(completed) in (dict, list):
            return completed
        return self._guarded(completed, way.field.type, details, path)

    def _info(
        self, way: ShortWay, details: Any, parent_type: GraphQLObjectType, path: Path
    ) -> GraphQLResolveInfo[Any]:
        nodes = [detail.node for detail in details]
        return self.build_resolve_info(way.field, nodes, parent_type, path)

    def _object(self, object_type: GraphQLObjectType, details: Any, path: Path, value: Any) -> Any:
        steps = self._steps_below(object_type, details)
        return self._execute_steps(object_type, value, path, steps)

    def _objects(self, of: ValueWay, details: Any, path: Path, values: list[Any]) -> Any:
        object_type = cast(GraphQLObjectType, of.object_type)
        steps = self._steps_below(object_type, details)
        completed: list[Any] = []
        pending: list[int] = []
        try:
            for index, value in enumerate(values):
                item_path = Path(path, index, None)
                item = None
                try:
                    if value is not None:
                        item = self._execute_steps(object_type, value, item_path, steps)
                except Exception as error:
                    self.handle_field_error(error, of.declared, details, item_path)
                if item is not None and type(item) is not dict:
                    item = self._guarded(item, of.declared, details, item_path)
                    pending.append(index)
                completed.append(item)
        except Exception:
            if pending:
                self.settle_in_background([completed[index] for index in pending])
            raise
        return self._settled(completed, pending) if pending else completed

    async def _guarded(
        self, completed: Awaitable[Any], declared: Any, details: Any, path: Path
    ) -> Any:
        try:
            return await completed
        except Exception as error:
            self.handle_field_error(error, declared, details, path)
            return None

    async def _settled(self, results: Any, pending: Any) -> Any:
        """Await what is pending of a dict or a list."""
        if len(pending) == 1:
            results[pending[0]] = await results[pending[0]]
            return results
        values = await gather_with_cancel(*(results[place] for place in pending))
        for place, value in zip(pending, values, strict=True):
            results[place] = value
        return results
