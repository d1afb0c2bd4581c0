"""Runs one GraphQL request against the schema and shapes the response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeGuard, cast

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    parse,
)
from strawberry.execution import optimized_is_awaitable

from entrepot.graphql.context import RequestContext
from entrepot.graphql.cost import Cost, CostExceeded, DepthExceeded
from entrepot.graphql.executor import FastExecutor
from entrepot.graphql.faults import document_faults, domain_fault, execution_fault
from entrepot.graphql.query_documents import Documents, InvalidDocument, Prepared
from entrepot.platform.config import Settings
from entrepot.platform.errors import DomainError

_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request, of the right types but otherwise unchecked."""

    query: str | None = None
    document_id: str | None = None
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A response body and what the transport and the logs need to know about it.

    `executed` is False when the request was refused before any resolver ran.
    """

    body: dict[str, Any]
    executed: bool
    operation_name: str | None = None
    operation_type: str | None = None
    cost: Cost | None = None


class MutationByGet(DomainError):
    """A mutation came with GET."""

    code = "MUTATION_BY_GET"
    en = "GET runs queries only. Send mutations with POST."
    ru = "GET выполняет только запросы на чтение. Отправляйте мутации методом POST."


class NotPersisted(DomainError):
    """GET came with a document that is not persisted."""

    code = "GET_NEEDS_PERSISTED_DOCUMENT"
    en = "GET runs persisted documents only: pass `documentId`, or send this query with POST."
    ru = "GET выполняет только сохранённые документы: передайте `documentId` или используйте POST."


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the graphql-core schema inside strawberry's (the one place that reaches for it)."""
    return schema._schema


class Engine:
    """Prepares and executes requests. One a process."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self.schema = core_schema(schema)
        self.settings = settings
        self.documents = Documents(
            self.schema,
            max_cost=settings.max_query_cost,
            max_depth=settings.max_query_depth,
            introspection=settings.introspection,
        )

    def persisted_operations(self) -> frozenset[str]:
        """Return the names of all persisted operations."""
        documents = map(parse, self.documents.persisted.values())
        return frozenset(
            definition.name.value
            for document in documents
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode) and definition.name
        )

    async def run(
        self, request: GraphQLRequest, context: RequestContext, *, by_get: bool = False
    ) -> Outcome:
        """Execute `request`; never raises for anything that the request contains."""
        documents = self.documents
        variables = request.variables or {}
        try:
            text = request.query
            if text is None:
                text = documents.text_of(request.document_id or "")
            elif by_get and not documents.is_persisted(text):
                raise NotPersisted
            prepared, operation, cost = documents.prepare(text, request.operation_name, variables)
            if by_get and operation.operation.value != "query":
                raise MutationByGet
        except InvalidDocument as error:
            return _refusal(document_faults(error.errors, error.code))
        except (DepthExceeded, CostExceeded) as error:
            measured = error.cost
            fault = domain_fault(error, context.locale)
            return _refusal([fault], self._cost_report(measured), measured)
        except DomainError as error:
            return _refusal([domain_fault(error, context.locale)])
        name = operation.name.value if operation.name else None
        result = await self._execute(prepared, operation, name, variables, context)
        return self._outcome(result, operation, name, cost, context)

    async def _execute(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        name: str | None,
        variables: Mapping[str, Any],
        context: RequestContext,
    ) -> ExecutionResult:
        try:
            result = execute(
                self.schema,
                prepared.document,
                context_value=context,
                variable_values=dict(variables),
                operation_name=name,
                executor_class=FastExecutor,
                is_awaitable=_is_awaitable,
                hide_suggestions=not self.settings.introspection,
                operation_extensions=None,
                plan=prepared.plan(operation),
            )
            return await result if isawaitable(result) else result
        except GraphQLError as error:
            return ExecutionResult(None, [error])

    def _outcome(
        self,
        result: ExecutionResult,
        operation: OperationDefinitionNode,
        name: str | None,
        cost: Cost,
        context: RequestContext,
    ) -> Outcome:
        errors = result.errors or []
        executed = result.data is not None or any(error.path is not None for error in errors)
        body: dict[str, Any] = {}
        if errors:
            body["errors"] = [
                execution_fault(error, context.locale, context.request_id) for error in errors
            ]
        if executed:
            body["data"] = result.data
        body["extensions"] = {"cost": self._cost_report(cost)}
        return Outcome(body, executed, name, operation.operation.value, cost)

    def _cost_report(self, cost: Cost) -> dict[str, int]:
        """Return `extensions.cost`."""
        return {
            "requested": min(cost.requested, 2**31 - 1),
            "limit": self.settings.max_query_cost,
            "depth": cost.depth,
        }


def _refusal(
    faults: list[dict[str, Any]], report: dict[str, int] | None = None, cost: Cost | None = None
) -> Outcome:
    body: dict[str, Any] = {"errors": faults}
    if report is not None:
        body["extensions"] = {"cost": report}
    return Outcome(body, executed=False, cost=cost)
