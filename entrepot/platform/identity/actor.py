"""Who acts: every service call takes an `Actor` and checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.permissions import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for a legal entity of a company, and how they came.

    `permissions` are those of the person's roles in that company, cut down to the scopes of the
    API key where they came with one. `session_id` is set for sessions only.
    """

    user_id: UUID
    company_id: UUID
    legal_entity_id: UUID
    permissions: frozenset[Permission]
    via: Literal["session", "api_key", "system"] = "session"
    locale: str = "en"
    session_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        """Say whether the actor has the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the actor has the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission.name, by_key=self.via == "api_key")
