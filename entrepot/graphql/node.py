"""Relay global ids and the `node` query: an id is opaque, names its type, and is checked on use."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Awaitable, Callable
from typing import Annotated, cast
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import argument, field
from entrepot.platform.errors import DomainError

NodeLoader = Callable[[RequestContext, UUID], Awaitable["Node | None"]]

_SHOWN = 80  # characters of a wrong id that are worth repeating to the caller
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_node_loaders: dict[str, NodeLoader] = {}


class InvalidId(DomainError):
    """An id that we never gave out, or one of another kind than the field takes."""

    code = "INVALID_ID"
    en = "“{given}” is not the id of a {expected}. Pass an id that this API returned."
    ru = "«{given}» не является идентификатором {expected}. Передайте id, полученный от этого API."
    given: str
    expected: str


@strawberry.interface(description="Anything with a global id.")
class Node:
    """A type that can be fetched again through `node(id:)`."""

    id: strawberry.ID = strawberry.field(description="Global id: opaque, unique over all types.")


def encode_id(type_name: str, key: UUID) -> strawberry.ID:
    """Return the global id of the row `key` of the GraphQL type `type_name`."""
    text = b2a_base64(f"{type_name}:{key}".encode(), newline=False)
    return cast(strawberry.ID, text.rstrip(b"=").translate(_URL_SAFE).decode())


def split_id(value: str) -> tuple[str, UUID]:
    """Return a global id's type name and key; raises `InvalidId` unless we could have made it."""
    try:
        raw = urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4)).decode("ascii")
        type_name, _, key_text = raw.partition(":")
        key = UUID(key_text)
    except (binascii.Error, ValueError):
        raise InvalidId(value[:_SHOWN], "Node") from None
    if encode_id(type_name, key) != value:  # one spelling only: ids are compared as text
        raise InvalidId(value[:_SHOWN], "Node")
    return type_name, key


def decode_id(value: str, type_name: str, *path: str) -> UUID:
    """Return the key inside a global id of `type_name`.

    Raises `InvalidId` (about the input at `path`) for garbage and for ids of other types.
    """
    try:
        found, key = split_id(value)
    except InvalidId:
        raise InvalidId(value[:_SHOWN], type_name).at(*path) from None
    if found != type_name:
        raise InvalidId(value[:_SHOWN], type_name).at(*path)
    return key


def register_node(type_name: str, loader: NodeLoader) -> None:
    """Make `type_name` reachable by `node(id:)`.

    `loader` answers None for rows that are absent or hidden from the actor, alike.
    """
    if type_name in _node_loaders:
        raise ValueError(f"node type {type_name} is registered twice")
    _node_loaders[type_name] = loader


@strawberry.type
class NodeQuery:
    """The root field that Relay clients refetch with."""

    @field("The object with this global id; null when there is none or you may not see it.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("A global id that this API returned.")],
    ) -> Node | None:
        type_name, key = split_id(id)
        loader = _node_loaders.get(type_name)
        if loader is None:
            raise InvalidId(id[:_SHOWN], "Node").at("id")
        return await loader(info.context, key)
