"""Typed decorators for resolvers: strawberry's own return `Any`, which strict typing refuses.

The description is the first argument, since every field must have one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def field(
    description: str, *, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[F], F]:
    """Make the decorated method a GraphQL field that it resolves."""

    def decorate(resolver: F) -> F:
        made = strawberry.field(
            resolver, description=description, name=name, deprecation_reason=deprecation_reason
        )
        return cast(F, made)

    return decorate


def mutation(
    description: str, *, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[F], F]:
    """Make the decorated method a mutation.

    `DomainError`s that it raises become members of its result union, where the union names them.
    """

    def decorate(resolver: F) -> F:
        made = strawberry.mutation(
            resolver, description=description, name=name, deprecation_reason=deprecation_reason
        )
        return cast(F, made)

    return decorate


def argument(description: str) -> Any:
    """Describe an argument: `Annotated[str, argument("…")]`."""
    return strawberry.argument(description=description)
