"""The services of identity, in one place: other slices and the outer layers import these."""

from entrepot.platform.identity.api_keys import CreatedKey, create_api_key, revoke_api_key
from entrepot.platform.identity.companies import LegalEntityDraft, add_legal_entity
from entrepot.platform.identity.invitations import (
    Joined,
    accept_invitation,
    cancel_invitation,
    invite_member,
)
from entrepot.platform.identity.letters import LETTER_EVENTS, Letter, letter_for
from entrepot.platform.identity.members import remove_member, set_member_roles
from entrepot.platform.identity.password_reset import request_password_reset, reset_password
from entrepot.platform.identity.people import set_locale
from entrepot.platform.identity.purge import Purged, purge_expired
from entrepot.platform.identity.registration import Registration, confirm_email, register_company
from entrepot.platform.identity.resources import Identity, SecretKeyMissing, open_identity
from entrepot.platform.identity.sessions import (
    SignedIn,
    authenticate,
    login,
    logout,
    open_session,
    switch_legal_entity,
)

__all__ = [
    "LETTER_EVENTS",
    "CreatedKey",
    "Identity",
    "Joined",
    "LegalEntityDraft",
    "Letter",
    "Purged",
    "Registration",
    "SecretKeyMissing",
    "SignedIn",
    "accept_invitation",
    "add_legal_entity",
    "authenticate",
    "cancel_invitation",
    "confirm_email",
    "create_api_key",
    "invite_member",
    "letter_for",
    "login",
    "logout",
    "open_identity",
    "open_session",
    "purge_expired",
    "register_company",
    "remove_member",
    "request_password_reset",
    "reset_password",
    "revoke_api_key",
    "set_locale",
    "set_member_roles",
    "switch_legal_entity",
]
