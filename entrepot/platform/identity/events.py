"""What happens to people, companies and their ways in.

No event holds a token: where a letter needs a link, the event names the record that the link is
derived from (`token_id`, `invitation_id`), and `service.letter_for(event, …)` makes the letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class PersonRegistered(Event):
    """A company and its first person registered; the e-mail waits for confirmation."""

    user_id: UUID
    company_id: UUID
    token_id: UUID
    email: str
    locale: str


@event
@dataclass(frozen=True)
class EmailAlreadyRegistered(Event):
    """Somebody tried to register an e-mail that has an account; only its owner is told."""

    user_id: UUID
    token_id: UUID
    email: str
    locale: str


@event
@dataclass(frozen=True)
class CompanyAlreadyRegistered(Event):
    """Somebody without an account tried to register a legal entity that is here already."""

    email: str
    name: str
    company_name: str
    locale: str


@event
@dataclass(frozen=True)
class EmailConfirmed(Event):
    """A person proved that the e-mail is theirs."""

    user_id: UUID


@event
@dataclass(frozen=True)
class PasswordResetRequested(Event):
    """Somebody asked to reset the password of this e-mail; whether it has an account is unknown.

    The account is looked up when the letter is made, never while the caller waits.
    """

    email: str
    token_id: UUID


@event
@dataclass(frozen=True)
class PasswordChanged(Event):
    """A password was reset and every session ended."""

    user_id: UUID
    email: str
    locale: str


@event
@dataclass(frozen=True)
class MemberInvited(Event):
    """An e-mail was invited to join a company."""

    invitation_id: UUID
    company_id: UUID
    invited_by: UUID
    email: str
    locale: str


@event
@dataclass(frozen=True)
class MemberJoined(Event):
    """A person became a member of a company."""

    user_id: UUID
    company_id: UUID


@event
@dataclass(frozen=True)
class MemberRolesChanged(Event):
    """A member's roles in a company were replaced."""

    user_id: UUID
    company_id: UUID
    changed_by: UUID
    roles: tuple[str, ...]


@event
@dataclass(frozen=True)
class MemberRemoved(Event):
    """A person is no longer a member; their sessions and API keys there ended."""

    user_id: UUID
    company_id: UUID
    removed_by: UUID


@event
@dataclass(frozen=True)
class PaysInAdvanceSet(Event):
    """The operator said whether a buying company pays in advance."""

    company_id: UUID
    value: bool
    set_by: UUID


@event
@dataclass(frozen=True)
class LegalEntityAdded(Event):
    """A company has one more legal entity."""

    legal_entity_id: UUID
    company_id: UUID
    added_by: UUID


@event
@dataclass(frozen=True)
class ApiKeyCreated(Event):
    """A program got a way in."""

    api_key_id: UUID
    user_id: UUID
    legal_entity_id: UUID


@event
@dataclass(frozen=True)
class ApiKeyRevoked(Event):
    """A program's way in was closed."""

    api_key_id: UUID
    revoked_by: UUID
