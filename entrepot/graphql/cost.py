"""The price of an operation: how many values its answer may hold, and how deep it nests.

Every field costs 1. The `edges` of a connection and what stands below them are multiplied by its
`first` (its totals and facets are not); below any other field with `first` all is; below a plain
list by `LIST_SIZE`. Fields of `DEAR` cost more than 1. Fields under `@skip` and `@include`, aliases
and repeated fields count in full. Introspection is counted flat, since the schema does not grow
with the data; graphql-core's own rule bounds its nesting.

Each fragment is measured once, by name, so the work is linear in the document, however often
fragments spread each other. The measure runs before validation, which is costlier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from entrepot.platform.errors import DomainError

DEFAULT_PAGE = 20
LIST_SIZE = 10
#: Fields that are work whatever their answer holds, by type: each is a question to the search
#: engine, and a document has room for two hundred of them.
DEAR: Final = {
    ("Query", "searchOffers"): 50,
    ("Query", "searchSuggestions"): 50,
    ("OfferSearchConnection", "facets"): 50,
}
MAX_NESTING = 100  # selection sets inside each other, fragments included; bounds all recursions
MAX_SPREADS = 100  # validation compares each pair of fragments,
MAX_REPEATS = 100  # and each pair of fields with the same response name


class Cost(NamedTuple):
    """`requested` values at most, nested `depth` fields deep, `nesting` selection sets deep.

    Of a selection on a connection, `paged` are the values that come once a row of the page.
    """

    requested: int
    depth: int
    nesting: int
    paged: int = 0


class DocumentTooComplex(DomainError):
    """A document that nests or refers to itself without end."""

    code = "DOCUMENT_TOO_COMPLEX"
    en = "The document is too complex: {reason}."
    ru = "Документ слишком сложен: {reason_ru}."
    reason: str
    reason_ru: str


class CostExceeded(DomainError):
    """An operation whose answer could be larger than the server allows."""

    code = "COST_EXCEEDED"
    en = "The operation costs {requested}, the limit is {limit}. Ask for fewer rows or fields."
    ru = "Стоимость операции {requested} при пределе {limit}. Запросите меньше строк или полей."
    requested: int
    limit: int
    cost: Cost


class DepthExceeded(DomainError):
    """An operation that nests deeper than the server allows."""

    code = "DEPTH_EXCEEDED"
    en = "The operation is {depth} fields deep, the limit is {limit}. Split it."
    ru = "Глубина операции {depth} при пределе {limit}. Разделите её."
    depth: int
    limit: int
    cost: Cost


NOTHING = Cost(0, 0, 0)


@dataclass(slots=True)
class _Meter:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    defaults: Mapping[str, Any]
    measured: dict[str, Cost | None]

    def selections(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType | None
    ) -> Cost:
        requested = depth = nesting = paged = 0
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                cost = self.field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                cost = self.fragment(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.type_named(condition.name.value) if condition else parent
                cost = self.selections(selection.selection_set, inner)
            else:
                continue
            requested += cost.requested
            paged += cost.paged
            depth = max(depth, cost.depth)
            nesting = max(nesting, cost.nesting)
        if nesting >= MAX_NESTING:
            raise DocumentTooComplex(
                f"more than {MAX_NESTING} nested selections",
                f"вложенность больше {MAX_NESTING}",
            )
        return Cost(requested, depth, nesting + 1, paged)

    def field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Cost:
        if node.selection_set is None:
            return Cost(1, 1, 0)
        name = node.name.value
        definition = self.schema.get_field(parent, name) if parent is not None else None
        named = get_named_type(definition.type) if definition is not None else None
        inner = self.selections(node.selection_set, named if is_composite_type(named) else None)
        if name in ("__schema", "__type"):
            return Cost(1, 1, inner.nesting)
        times = 1 if definition is None else self.multiplier(node, definition, parent)
        once = 1 if _is_connection(named) else times
        least = DEAR.get((parent.name, name), 1) if parent is not None else 1
        requested = least + once * inner.requested + times * inner.paged
        if name == "edges" and _is_connection(parent):
            return Cost(0, 1 + inner.depth, inner.nesting, requested)
        return Cost(requested, 1 + inner.depth, inner.nesting)

    def fragment(self, name: str) -> Cost:
        if name in self.measured:
            known = self.measured[name]
            if known is None:
                raise DocumentTooComplex(
                    f'fragment "{name}" contains itself', f"фрагмент «{name}» содержит сам себя"
                )
            return known
        definition = self.fragments.get(name)
        if definition is None:
            return NOTHING  # validation names it
        self.measured[name] = None
        parent = self.type_named(definition.type_condition.name.value)
        cost = self.measured[name] = self.selections(definition.selection_set, parent)
        return cost

    def multiplier(
        self, node: FieldNode, definition: GraphQLField, parent: GraphQLCompositeType | None
    ) -> int:
        first = definition.args.get("first")
        if first is not None:
            for argument in node.arguments or ():
                if argument.name.value == "first":
                    value = argument.value
                    if isinstance(value, IntValueNode):
                        return max(1, int(value.value))
                    if isinstance(value, VariableNode):
                        variable = value.name.value
                        given = self.variables.get(variable, self.defaults.get(variable))
                        if isinstance(given, int):
                            return max(1, given)
            default = first.default_value
            return default if isinstance(default, int) else DEFAULT_PAGE
        type_ = definition.type
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        if not isinstance(type_, GraphQLList):
            return 1
        return 1 if node.name.value == "edges" and _is_connection(parent) else LIST_SIZE

    def type_named(self, name: str) -> GraphQLCompositeType | None:
        found = self.schema.get_type(name)
        return found if is_composite_type(found) else None


def _is_connection(type_: GraphQLNamedType | None) -> bool:
    return type_ is not None and type_.name.endswith("Connection")


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the document's fragments by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Cost:
    """Return the price of one operation of a parsed, not yet validated document.

    `variables` are the raw values of the request. Raises `DocumentTooComplex` for fragment cycles
    and for more than 100 nested selections.
    """
    defaults = {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    meter = _Meter(schema, fragments_of(document), variables, defaults, {})
    try:
        root = schema.get_root_type(operation.operation)
        return meter.selections(operation.selection_set, root)
    except RecursionError:
        raise DocumentTooComplex("it nests too deep", "слишком глубокая вложенность") from None


def check_shape(document: DocumentNode) -> None:
    """Raise `DocumentTooComplex` for documents on which validation would take quadratic time."""
    spreads = 0
    repeats: Counter[str] = Counter()
    pending: list[SelectionSetNode] = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while pending:
        for selection in pending.pop().selections:
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if isinstance(selection, FragmentSpreadNode):
                spreads += 1
            elif inner is not None:
                pending.append(inner)
                if isinstance(selection, FieldNode):
                    repeats[(selection.alias or selection.name).value] += 1
                else:
                    spreads += 1
    if spreads > MAX_SPREADS:
        raise DocumentTooComplex(
            f"it spreads more than {MAX_SPREADS} fragments", f"больше {MAX_SPREADS} фрагментов"
        )
    for name, times in repeats.items():
        if times > MAX_REPEATS:
            raise DocumentTooComplex(
                f'"{name}" occurs more than {MAX_REPEATS} times',
                f"«{name}» встречается больше {MAX_REPEATS} раз",
            )


def page_variables(document: DocumentNode, source: str) -> bool:
    """Tell whether the price may depend on the variables: some `first` is not a literal."""
    return "first" in source and any(
        isinstance(definition, OperationDefinitionNode) and definition.variable_definitions
        for definition in document.definitions
    )


def check(cost: Cost, *, max_cost: int, max_depth: int) -> None:
    """Raise `DepthExceeded` or `CostExceeded` where an operation is over its limit."""
    if cost.depth > max_depth:
        raise DepthExceeded(cost.depth, max_depth, cost)
    if cost.requested > max_cost:
        raise CostExceeded(min(cost.requested, 2**31 - 1), max_cost, cost)
