"""Documents: parsing, validation, their cache, and the registry of persisted ones.

A persisted document is a file `persisted/*.graphql`; its id is `sha256:` and the hex digest of its
text without the final newline. GET requests may run only those, and only queries.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule, NoSchemaIntrospectionCustomRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from entrepot.graphql.cost import (
    Cost,
    DocumentTooComplex,
    check,
    check_shape,
    measure,
    page_variables,
)
from entrepot.graphql.executor import Plan
from entrepot.graphql.nul_character import NoNulInDocument
from entrepot.platform.errors import DomainError

PERSISTED_FOLDER = Path(__file__).with_name("persisted")
MAX_TOKENS = 2500
MAX_CHARACTERS = 100_000
MAX_VALIDATION_ERRORS = 20
CACHED_DOCUMENTS = 500
CACHED_CHARACTERS = 2_000_000
_COSTS_KEPT = 32


class UnknownDocument(DomainError):
    """A `documentId` that no persisted document has."""

    code = "PERSISTED_DOCUMENT_NOT_FOUND"
    en = "There is no persisted document {document_id}. Send its text as `query` with POST."
    ru = "Нет сохранённого документа {document_id}. Передайте его текст в `query` методом POST."
    document_id: str


class UnknownOperation(DomainError):
    """The document does not name one operation to run."""

    code = "OPERATION_NOT_FOUND"
    en = "Pass `operationName`: one of {known}."
    ru = "Передайте `operationName`: {known}."
    known: str


class InvalidDocument(Exception):
    """The document cannot be run; `errors` say why, `code` in which phase."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


def document_id(text: str) -> str:
    """Return the id under which a document with this text is persisted."""
    return "sha256:" + sha256(text.encode()).hexdigest()


def load_persisted(folder: Path = PERSISTED_FOLDER) -> dict[str, str]:
    """Return the persisted documents of a folder: text by id."""
    texts = (path.read_text("utf-8").rstrip() for path in sorted(folder.glob("*.graphql")))
    return {document_id(text): text for text in texts}


@dataclass(slots=True)
class Prepared:
    """A document that parsed and passed validation, with the prices of its operations."""

    text: str
    document: DocumentNode
    varies: bool
    costs: dict[object, Cost] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run; raises `UnknownOperation`."""
        return find_operation(self.document, name)

    def plan(self, operation: OperationDefinitionNode) -> Plan:
        """Return the plan that executions of one of its operations share.

        A document with directives gets a new one each time, since variables may decide them.
        """
        if "@" in self.text:
            return Plan()
        return self.plans.setdefault(id(operation), Plan())


def find_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation called `name`, or the only one; raises `UnknownOperation`."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None and len(operations) == 1:
        return operations[0]
    named = {d.name.value: d for d in operations if d.name is not None}
    if name is not None and name in named:
        return named[name]
    raise UnknownOperation(", ".join(sorted(named))[:200] or "(the document has no operation)")


class Documents:
    """Parses, prices and validates documents, and keeps the valid ones (least recently used out).

    One a process; used from its event loop only.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        max_cost: int,
        max_depth: int,
        introspection: bool,
        persisted: Mapping[str, str] | None = None,
    ) -> None:
        self._schema = schema
        self._max_cost = max_cost
        self._max_depth = max_depth
        self.persisted = load_persisted() if persisted is None else dict(persisted)
        self._persisted_texts = frozenset(self.persisted.values())
        self._hide_suggestions = not introspection
        self._rules: list[type[ASTValidationRule]] = [
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            NoNulInDocument,
        ]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._kept_characters = 0

    def is_persisted(self, text: str) -> bool:
        """Tell whether GET may run this text."""
        return text in self._persisted_texts

    def text_of(self, given_id: str) -> str:
        """Return the text of a persisted document; raises `UnknownDocument`."""
        text = self.persisted.get(given_id)
        if text is None:
            raise UnknownDocument(given_id[:80])
        return text

    def prepare(
        self, text: str, operation_name: str | None, variables: Mapping[str, Any]
    ) -> tuple[Prepared, OperationDefinitionNode, Cost]:
        """Return the document ready to execute, the operation and its price.

        Raises `InvalidDocument` (syntax, validation), `UnknownOperation`, `DocumentTooComplex`,
        `DepthExceeded` and `CostExceeded`; the last two carry the measured `Cost` as `cost`.
        """
        prepared = self._kept.get(text)
        fresh = prepared is None
        if prepared is None:
            document = self._parse(text)
            prepared = Prepared(text, document, page_variables(document, text))
        else:
            self._kept.move_to_end(text)
        operation = prepared.operation(operation_name)
        cost = self._price(prepared, operation, variables)
        if fresh:
            check_shape(prepared.document)
            self._validate(prepared)
            self._keep(prepared)
        return prepared, operation, cost

    def _parse(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_lexical_tokens=MAX_TOKENS, max_source_length=MAX_CHARACTERS)
        except GraphQLError as error:
            raise InvalidDocument("GRAPHQL_PARSE_FAILED", [error]) from None
        except RecursionError:
            raise DocumentTooComplex("it nests too deep", "слишком глубокая вложенность") from None

    def _price(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Cost:
        name = operation.name.value if operation.name else ""
        key: object = name
        if prepared.varies:
            numbers = ((k, v) for k, v in variables.items() if type(v) is int)
            key = (name, *sorted(numbers))
        cost = prepared.costs.get(key)
        if cost is None:
            cost = measure(self._schema, prepared.document, operation, variables)
            if len(prepared.costs) >= _COSTS_KEPT:
                prepared.costs.clear()
            prepared.costs[key] = cost
        check(cost, max_cost=self._max_cost, max_depth=self._max_depth)
        return cost

    def _validate(self, prepared: Prepared) -> None:
        try:
            errors = validate(
                self._schema,
                prepared.document,
                self._rules,
                max_errors=MAX_VALIDATION_ERRORS,
                hide_suggestions=self._hide_suggestions,
            )
        except RecursionError:
            raise DocumentTooComplex("it nests too deep", "слишком глубокая вложенность") from None
        if errors:
            raise InvalidDocument("GRAPHQL_VALIDATION_FAILED", errors)

    def _keep(self, prepared: Prepared) -> None:
        self._kept[prepared.text] = prepared
        self._kept_characters += len(prepared.text)
        while len(self._kept) > CACHED_DOCUMENTS or self._kept_characters > CACHED_CHARACTERS:
            _, dropped = self._kept.popitem(last=False)
            self._kept_characters -= len(dropped.text)
