"""Identity's refusals as members of result unions."""

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.platform.identity import errors


@error_type(errors.InvalidCredentials)
class InvalidCredentials(UserError):
    """The e-mail or the password is wrong; which of them is never said."""


@error_type(errors.EmailNotConfirmed)
class EmailNotConfirmed(UserError):
    """The password is right, but the e-mail waits for confirmation."""


@error_type(errors.NoCompany)
class NoCompany(UserError):
    """You are a member of no active company."""


@error_type(errors.InvalidToken)
class InvalidToken(UserError):
    """The link was used, has expired, was replaced, or never was."""


@error_type(errors.SessionRequired)
class SessionRequired(UserError):
    """Only a signed-in person can do this, not an API key."""


@error_type(errors.LegalEntityTaken, tax_id="The tax id that is registered already.")
class LegalEntityTaken(UserError):
    """A legal entity with these tax numbers is registered already."""


@error_type(
    errors.RoleNotAllowed, role="The role that was asked for.", needed="Kind of company it needs."
)
class RoleNotAllowed(UserError):
    """The role does not fit what the company does on this marketplace."""


@error_type(errors.LastAdministrator, user_id=as_id("User", "The last administrator."))
class LastAdministrator(UserError):
    """The company would be left without an administrator."""


@error_type(errors.AlreadyMember, email="The member's e-mail.")
class AlreadyMember(UserError):
    """The e-mail belongs to a member of your company."""


@error_type(errors.ScopeNotAllowed, scope="The permission that you, or your API key, lack.")
class ScopeNotAllowed(UserError):
    """An API key cannot have a permission that its maker lacks."""


@error_type(
    errors.ApiKeyAlreadyMade,
    api_key_id=as_id("ApiKey", "The key, for `revokeApiKey`."),
    prefix="The part after `ek_`, by which to recognise it.",
)
class ApiKeyAlreadyMade(UserError):
    """This idempotency key made an API key before; its secret cannot be shown again."""


@error_type(errors.TooManyApiKeys, limit="How many live keys a person may have.")
class TooManyApiKeys(UserError):
    """You have as many live API keys as are allowed."""
