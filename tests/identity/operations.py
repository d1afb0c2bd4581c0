"""Documents of identity's public operations, and short ways to run them."""

from __future__ import annotations

from typing import Any

from tests.graphql_client import GraphQLClient, Reply
from tests.identity.accounts import PASSWORD

ERROR = "... on UserError { __typename code message path lineIndex }"
LOGIN = f"""
mutation ($email: String!, $password: String!) {{
  login(input: {{email: $email, password: $password}}) {{
    ... on LoginPayload {{ token expiresAt viewer {{ user {{ email }} permissions }} }}
    {ERROR}
  }}
}}
"""
REGISTER = f"""
mutation ($input: RegisterCompanyInput!) {{
  registerCompany(input: $input) {{ ... on RegisterCompanyPayload {{ email }} {ERROR} }}
}}
"""
VIEWER = """
{
  viewer {
    user { id email name locale }
    company { id name }
    legalEntity { id name country taxId company { name } }
    permissions
    memberships { company { name } kinds roles }
    legalEntities { id company { id } }
    apiKeys { name prefix scopes legalEntity { id } }
  }
}
"""


def newcomer(**changes: Any) -> dict[str, Any]:
    """The input of a good registration."""
    return {
        "email": "anna@example.com",
        "password": PASSWORD,
        "name": "Anna",
        "companyName": "Romashka",
        "kind": "BUYER",
        "legalEntity": {
            "name": "ООО «Ромашка»",
            "country": "RU",
            "taxId": "7707083893",
            "registrationReasonCode": "773601001",
            "currency": "RUB",
        },
        **changes,
    }


async def bearer(graphql: GraphQLClient, token: str, query: str, **variables: Any) -> Reply:
    """Run a document with a real token."""
    response = await graphql.http.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {token}"},
    )
    return Reply(response.status_code, response.json(), response.headers)


async def one(
    graphql: GraphQLClient, field: str, selection: str = "__typename", **options: Any
) -> Any:
    """Run one mutation field and return its value; errors show code and path."""
    query = f"mutation {{ r: {field} {{ __typename {selection} {ERROR} }} }}"
    return (await graphql.run(query, **options)).data["r"]
