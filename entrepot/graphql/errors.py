"""Domain errors as members of a mutation's result union.

A slice writes one class for each of its errors:

    @error_type(orders_errors.OutOfStock, offer_id=as_id("Offer", "…"), available="Units free now.")
    class OutOfStock(UserError):
        '''Fewer units are free than were asked for.'''

and names it in its result union. A resolver only raises (or lets the service raise): strawberry
asks the handler that is registered here, and the error becomes the answer of the field. An error
that the union does not name becomes a top-level GraphQL error with its code.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias, TypeVar, Union, get_type_hints
from uuid import UUID

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from entrepot.graphql import node
from entrepot.graphql.context import Info
from entrepot.platform import errors
from entrepot.platform.errors import DomainError

T = TypeVar("T", bound="UserError")


@strawberry.interface(description="A refusal that the caller can understand and mend.")
class UserError:
    """What every error in a result union tells."""

    code: str = strawberry.field(description="Stable name of the error, for programs.")
    message: str = strawberry.field(description="One sentence for people, in their language.")
    path: list[str] = strawberry.field(description="The input that the error is about, if any.")
    line_index: int | None = strawberry.field(
        description="Zero-based line of a bulk input that the error is about."
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """How one field of a domain error appears: its description, GraphQL type and conversion."""

    description: str
    graphql_type: Any = None
    convert: Callable[[Any], Any] | None = None


def as_id(type_name: str, description: str) -> Shown:
    """Show a UUID field (or `UUID | None`) as the global id of `type_name`."""
    return Shown(description, strawberry.ID, lambda key: node.encode_id(type_name, key))


def as_type(graphql_type: Any, description: str, convert: Callable[[Any], Any]) -> Shown:
    """Show a field as `graphql_type`, made by `convert` from the domain value."""
    return Shown(description, graphql_type, convert)


class _Handler:
    """Builds the union member for one class of domain errors."""

    def __init__(self, error: type[DomainError], member: type, shown: dict[str, Shown]) -> None:
        self.exception_type = error
        self.error_type = member
        self._shown = shown

    def handle(self, exception: DomainError, *, field: StrawberryField, info: Info) -> Any:
        """Return the member that tells the caller about `exception` in their language."""
        values: dict[str, Any] = {}
        for name, shown in self._shown.items():
            value = getattr(exception, name)
            if info.context.locale == "ru":  # prose has a twin in Russian
                value = getattr(exception, f"{name}_ru", value)
            convert = shown.convert
            values[name] = value if value is None or convert is None else convert(value)
        return self.error_type(
            code=exception.code,
            message=exception.message(info.context.locale),
            path=_input_path(exception.path, field),
            line_index=exception.line_index,
            **values,
        )


def _input_path(path: Sequence[str], field: StrawberryField) -> list[str]:
    """Lead from the field's arguments: services name inputs without knowing of `input`.

    What names no field of the input (a line of the cart, say) stays as it is.
    """
    given = next((one for one in field.arguments if one.python_name == "input"), None)
    made = None if given is None else given.type
    while isinstance(made, StrawberryContainer):
        made = made.of_type
    definition = get_object_definition(made)
    if not path or definition is None:
        return list(path)
    names = {one.graphql_name or to_camel_case(one.python_name) for one in definition.fields}
    return ["input", *path] if path[0] in names else list(path)


_handlers: dict[type[DomainError], _Handler] = {}


def handlers() -> Sequence[strawberry.ExceptionHandler[Any, Any]]:
    """Return the handlers of all error types defined so far, subclasses before their parents."""
    return sorted(_handlers.values(), key=lambda handler: -len(handler.exception_type.__mro__))


def error_type(error: type[DomainError], **shown: str | Shown) -> Callable[[type[T]], type[T]]:
    """Make the decorated `UserError` subclass the GraphQL face of the domain error `error`.

    Keywords name the fields of `error` to expose, each with its description or `as_id(…)` /
    `as_type(…)`; fields not named stay private. The class's docstring is the description.
    """
    hints = get_type_hints(error)
    known = {field.name for field in fields(error)}
    if unknown := set(shown) - known:
        raise TypeError(f"{error.__name__} has no field {', '.join(sorted(unknown))}")
    if error in _handlers:
        raise TypeError(f"{error.__name__} already has a GraphQL type")

    def decorate(cls: type[T]) -> type[T]:
        if not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a docstring: it is shown to API users")
        rows = {name: row if isinstance(row, Shown) else Shown(row) for name, row in shown.items()}
        annotations = inspect.get_annotations(cls)
        for name, row in rows.items():
            hint = hints[name]
            if row.graphql_type is None and hint in (UUID, UUID | None):
                raise TypeError(f"{error.__name__}.{name}: show a UUID with as_id(…)")
            optional = type(None) in getattr(hint, "__args__", ())
            exposed = hint if row.graphql_type is None else row.graphql_type
            annotations[name] = exposed | None if optional else exposed
            setattr(cls, name, strawberry.field(description=row.description))
        cls.__annotations__ = annotations
        member = strawberry.type(cls, description=inspect.cleandoc(cls.__doc__))
        _handlers[error] = _Handler(error, member, rows)
        return member

    return decorate


@error_type(
    errors.InvalidInput,
    field="Dotted name of the input.",
    reason="What would be valid, in your language.",
)
class InvalidInput(UserError):
    """A value is not acceptable."""


@error_type(errors.NotFound, what="Kind of the object that was looked for.")
class NotFound(UserError):
    """Nothing of that kind and id is visible to you."""


@error_type(errors.Unauthenticated)
class Unauthenticated(UserError):
    """No valid session or API key came with the request."""


@error_type(errors.Forbidden, permission="Permission that your role, or your API key, lacks.")
class Forbidden(UserError):
    """Your role, or the scopes of your API key, do not allow this."""


@error_type(errors.TooManyAttempts, retry_after_seconds="Seconds to wait before the next attempt.")
class TooManyAttempts(UserError):
    """Wait before you try again; nothing was done."""


@error_type(errors.IdempotencyConflict, key="The idempotency key that was sent.")
class IdempotencyConflict(UserError):
    """The idempotency key belongs to another request."""


@error_type(node.InvalidId, given="The id that was sent.", expected="The type it should be of.")
class InvalidId(UserError):
    """An id that this API never gave out, or one of another type."""


CommonErrors: TypeAlias = Union[  # noqa: UP007  (strawberry flattens typing.Union)
    InvalidInput,
    NotFound,
    Unauthenticated,
    Forbidden,
    TooManyAttempts,
    IdempotencyConflict,
    InvalidId,
]
"""Put it into every mutation's result union."""
