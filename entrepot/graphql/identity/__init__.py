"""People, companies and the ways in, in GraphQL."""

from entrepot.graphql.identity.access import AccessMutation
from entrepot.graphql.identity.addresses import AddressMutation, AddressQuery
from entrepot.graphql.identity.api_keys import ApiKeyMutation
from entrepot.graphql.identity.company import CompanyMutation
from entrepot.graphql.identity.registration import RegistrationMutation
from entrepot.graphql.identity.viewer import IdentityQuery

IDENTITY_QUERIES = (IdentityQuery, AddressQuery)
IDENTITY_MUTATIONS = (
    AccessMutation,
    RegistrationMutation,
    CompanyMutation,
    ApiKeyMutation,
    AddressMutation,
)

__all__ = ["IDENTITY_MUTATIONS", "IDENTITY_QUERIES"]
