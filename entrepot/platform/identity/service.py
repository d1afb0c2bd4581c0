"""The services of identity, in one place: other slices and the outer layers import these."""

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
    "Identity",
    "SecretKeyMissing",
    "SignedIn",
    "authenticate",
    "login",
    "logout",
    "open_identity",
    "open_session",
    "switch_legal_entity",
]
