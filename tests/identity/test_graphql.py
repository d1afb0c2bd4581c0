"""Identity's stories through the public API: registration, sessions, administration, keys."""

from __future__ import annotations

from entrepot.platform.config import Settings
from entrepot.platform.database import execute
from entrepot.platform.identity.service import open_session
from tests.factories import make_company, make_seller
from tests.graphql_client import GraphQLClient
from tests.identity.accounts import PASSWORD, make_account
from tests.identity.letters import last_token
from tests.identity.operations import ERROR, LOGIN, REGISTER, VIEWER, bearer, newcomer, one
from tests.sql_counter import counted_sql


async def test_from_registration_to_viewer(graphql: GraphQLClient, settings: Settings) -> None:
    assert (await graphql.run("{ viewer { permissions } }")).data == {"viewer": None}
    reply = await graphql.run(REGISTER, locale="ru", input=newcomer())
    assert reply.data["registerCompany"] == {"email": "anna@example.com"}
    reply = await graphql.run(LOGIN, email="anna@example.com", password=PASSWORD)
    assert reply.data["login"]["code"] == "EMAIL_NOT_CONFIRMED"
    token = await last_token(settings, graphql.resources.clock.now())
    confirm = f'confirmEmail(input: {{token: "{token}"}})'
    assert (await one(graphql, confirm))["__typename"] == "ConfirmEmailPayload"
    assert (await one(graphql, confirm))["code"] == "INVALID_TOKEN"
    reply = await graphql.run(LOGIN, email="anna@example.com", password=PASSWORD)
    session = reply.data["login"]
    assert session["viewer"]["user"] == {"email": "anna@example.com"}
    assert "COMPANY_MANAGE" in session["viewer"]["permissions"]
    viewer = (await bearer(graphql, session["token"], VIEWER)).data["viewer"]
    assert viewer["company"]["name"] == "Romashka"
    assert viewer["user"]["locale"] == "RU"  # the language of the registration
    assert viewer["legalEntity"]["taxId"] == "7707083893"
    assert viewer["memberships"] == [
        {"company": {"name": "Romashka"}, "kinds": ["BUYER"], "roles": ["BUYER", "ADMINISTRATOR"]}
    ]


async def test_the_cookie_of_a_session(graphql: GraphQLClient) -> None:
    account = await make_account(graphql.resources.identity)
    reply = await graphql.run(LOGIN, email=account.email, password=PASSWORD)
    cookie = reply.headers["set-cookie"]
    token = reply.data["login"]["token"]
    assert cookie.startswith(f"entrepot_session={token}; Max-Age=1209")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")
    response = await graphql.http.post(
        "/graphql",
        json={"query": "mutation { logout { __typename } }"},
        headers={"cookie": f"entrepot_session={token}"},
    )
    assert response.json()["data"] == {"logout": {"__typename": "LogoutPayload"}}
    assert response.headers["set-cookie"].startswith("entrepot_session=; Max-Age=0; ")
    assert (await bearer(graphql, token, "{ viewer { permissions } }")).data == {"viewer": None}


async def test_viewer_reads_a_fixed_number_of_statements(graphql: GraphQLClient) -> None:
    account = await make_account(graphql.resources.identity)
    token = (await open_session(account.actor.user_id)).token
    counts = []
    for _ in range(3):
        async with counted_sql() as statements:
            await bearer(graphql, token, VIEWER)
        counts.append(len(statements))
        for number in range(3):
            company, _ = await make_company(buyer=True)
            await execute(
                "INSERT INTO membership (id, user_id, company_id, roles, created_at)"
                " VALUES (gen_random_uuid(), $1, $2, '{buyer}', now())",
                account.actor.user_id,
                company.id,
            )
            made = await one(
                graphql,
                f'createApiKey(input: {{name: "k{number}", scopes: [ORDER_VIEW]}})',
                actor=account.actor,
            )
            assert made["__typename"] == "CreateApiKeyPayload"
    assert counts[1] == counts[2] == 8  # 4 and 7 of everything; 7 statements without any key
    assert counts[0] == 7


async def test_administration_in_one_story(graphql: GraphQLClient, settings: Settings) -> None:
    boss = (await make_account(graphql.resources.identity)).actor
    invited = await one(
        graphql,
        'inviteMember(input: {email: "new@example.com", roles: [APPROVER]})',
        "... on InviteMemberPayload { invitation { id email roles } }",
        actor=boss,
    )
    assert (invited["invitation"]["email"], invited["invitation"]["roles"]) == (
        "new@example.com",
        ["APPROVER"],
    )
    token = await last_token(settings, graphql.resources.clock.now())
    joined = await one(
        graphql,
        f'acceptInvitation(input: {{token: "{token}", name: "Boris", password: "{PASSWORD}"}})',
        "... on AcceptInvitationPayload { email company { name } }",
    )
    assert joined["email"] == "new@example.com"
    reply = await graphql.run(
        "{ viewer { invitations { id } members(first: 1) {"
        " edges { node { user { id email } roles } cursor } pageInfo { hasNextPage } } } }",
        actor=boss,
    )
    viewer = reply.data["viewer"]
    assert viewer["invitations"] == []
    assert viewer["members"]["pageInfo"]["hasNextPage"] is True
    cursor = viewer["members"]["edges"][0]["cursor"]
    reply = await graphql.run(
        "query ($after: String) { viewer { members(after: $after) {"
        " edges { node { user { id email } roles } } } } }",
        actor=boss,
        after=cursor,
    )
    (edge,) = reply.data["viewer"]["members"]["edges"]
    assert (edge["node"]["user"]["email"], edge["node"]["roles"]) == (
        "new@example.com",
        ["APPROVER"],
    )
    user_id = edge["node"]["user"]["id"]
    changed = await one(
        graphql,
        f'setMemberRoles(input: {{userId: "{user_id}", roles: [BUYER, ACCOUNTANT]}})',
        "... on SetMemberRolesPayload { member { roles } }",
        actor=boss,
    )
    assert changed["member"]["roles"] == ["BUYER", "ACCOUNTANT"]
    refused = await one(
        graphql,
        f'setMemberRoles(input: {{userId: "{user_id}", roles: [OPERATOR]}})',
        "... on RoleNotAllowed { role needed }",
        actor=boss,
    )
    assert (refused["code"], refused["role"], refused["needed"]) == (
        "ROLE_NOT_ALLOWED",
        "operator",
        "operator",
    )
    removed = await one(graphql, f'removeMember(input: {{userId: "{user_id}"}})', actor=boss)
    assert removed["__typename"] == "RemoveMemberPayload"


async def test_a_key_is_shown_once_and_closed_at_once(graphql: GraphQLClient) -> None:
    boss = (await make_account(graphql.resources.identity)).actor
    made = await one(
        graphql,
        'createApiKey(input: {name: "erp", scopes: [ORDER_VIEW]})',
        "... on CreateApiKeyPayload { key apiKey { id prefix } }",
        actor=boss,
    )
    reply = await bearer(graphql, made["key"], VIEWER)
    assert reply.data["viewer"]["permissions"] == ["ORDER_VIEW"]
    assert made["key"].startswith(f"ek_{made['apiKey']['prefix']}_")
    assert made["key"] not in str(reply.body)
    reply = await bearer(graphql, made["key"], "mutation { logout { ... on UserError { code } } }")
    assert reply.data["logout"]["code"] == "SESSION_REQUIRED"
    wide = await one(
        graphql, 'createApiKey(input: {name: "x", scopes: [MARKETPLACE_OPERATE]})', actor=boss
    )
    assert wide["code"] == "SCOPE_NOT_ALLOWED"
    closed = await one(
        graphql,
        f'revokeApiKey(input: {{apiKeyId: "{made["apiKey"]["id"]}"}})',
        "... on RevokeApiKeyPayload { apiKey { revokedAt } }",
        actor=boss,
    )
    assert closed["apiKey"]["revokedAt"] is not None
    assert (await bearer(graphql, made["key"], "{ viewer { permissions } }")).data["viewer"] is None


async def test_switching_and_language(graphql: GraphQLClient) -> None:
    boss = (await make_account(graphql.resources.identity)).actor
    stranger = await make_seller()
    token = (await open_session(boss.user_id)).token
    added = await bearer(
        graphql,
        token,
        'mutation { addLegalEntity(input: {name: "Blume GmbH", country: "DE",'
        ' taxId: "DE136695976", currency: "EUR"}) { ... on AddLegalEntityPayload'
        " { legalEntity { id name } } } }",
    )
    entity_id = added.data["addLegalEntity"]["legalEntity"]["id"]
    switch = (
        "mutation ($id: ID!) { switchLegalEntity(input: {legalEntityId: $id}) {"
        f" ... on SwitchLegalEntityPayload {{ viewer {{ legalEntity {{ name }} }} }} {ERROR} }} }}"
    )
    reply = await bearer(graphql, token, switch, id=entity_id)
    assert reply.data["switchLegalEntity"]["viewer"]["legalEntity"]["name"] == "Blume GmbH"
    reply = await bearer(graphql, token, VIEWER)
    assert reply.data["viewer"]["legalEntity"]["id"] == entity_id
    seller_token = (await open_session(stranger.actor.user_id)).token
    reply = await bearer(graphql, seller_token, switch, id=entity_id)
    assert reply.data["switchLegalEntity"]["code"] == "NOT_FOUND"
    reply = await bearer(
        graphql, seller_token, "query ($id: ID!) { node(id: $id) { id } }", id=entity_id
    )
    assert reply.data["node"] is None
    reply = await bearer(graphql, token, switch, id="garbage")
    assert (reply.data["switchLegalEntity"]["code"], reply.data["switchLegalEntity"]["path"]) == (
        "INVALID_ID",
        ["input", "legalEntityId"],
    )
    await bearer(graphql, token, "mutation { setLocale(input: {locale: RU}) { __typename } }")
    reply = await bearer(graphql, token, switch, id="garbage")
    assert "не является" in reply.data["switchLegalEntity"]["message"]
