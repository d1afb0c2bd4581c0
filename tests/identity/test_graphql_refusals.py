"""What strangers, low roles and bad input get from identity's public API: nothing."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.platform.database import fetch_value
from entrepot.platform.identity.permissions import Role
from tests.factories import make_buyer
from tests.graphql_client import GraphQLClient
from tests.identity.accounts import contents, make_account
from tests.identity.operations import ERROR, LOGIN, REGISTER, VIEWER, newcomer, one


async def test_a_refused_login_sets_no_cookie_and_tells_nothing(graphql: GraphQLClient) -> None:
    account = await make_account(graphql.resources.identity)
    hasher = graphql.resources.identity.passwords
    before = await contents()
    for locale in ("en", "ru"):
        answers, efforts = [], []
        for email in (account.email, "nobody@example.test"):
            started = hasher.computations
            reply = await graphql.run(
                LOGIN, locale=locale, email=email, password="wrong horse battery"
            )
            assert "set-cookie" not in reply.headers
            answers.append((reply.status, reply.body, sorted(reply.headers)))
            efforts.append(hasher.computations - started)
        assert answers[0] == answers[1]
        assert efforts == [1, 1]
        assert answers[0][1]["data"]["login"]["code"] == "INVALID_CREDENTIALS"
    assert await contents() == before


async def test_registration_and_reset_answer_alike_for_known_and_unknown(
    graphql: GraphQLClient,
) -> None:
    account = await make_account(graphql.resources.identity)
    hasher = graphql.resources.identity.passwords
    reset = (
        "mutation ($email: String!) { requestPasswordReset(input: {email: $email}) {"
        f" ... on RequestPasswordResetPayload {{ email }} {ERROR} }} }}"
    )
    answers = []
    for email in (account.email, "nobody@example.test"):
        started = hasher.computations
        registered = await graphql.run(REGISTER, input=newcomer(email=email))
        assert hasher.computations - started == 1
        asked = await graphql.run(reset, email=email)
        assert hasher.computations - started == 1
        bodies = str([registered.body, asked.body]).replace(email, "E")
        answers.append((registered.status, asked.status, bodies))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"email": "anna"}, ["email"]),
        ({"password": "short"}, ["password"]),
        ({"legalEntity": {**newcomer()["legalEntity"], "taxId": "1"}}, ["legalEntity", "taxId"]),
    ],
)
async def test_bad_input_is_a_typed_error_in_both_languages(
    graphql: GraphQLClient, changes: dict[str, Any], path: list[str]
) -> None:
    before = await contents()
    messages = set()
    for locale in ("en", "ru"):
        reply = await graphql.run(REGISTER, locale=locale, input=newcomer(**changes))
        refused = reply.data["registerCompany"]
        assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", *path])
        messages.add(refused["message"])
    assert len(messages) == 2
    assert await contents() == before


ANONYMOUS = {
    "logout": "logout",
    "switchLegalEntity": 'switchLegalEntity(input: {legalEntityId: "x"})',
    "setLocale": "setLocale(input: {locale: RU})",
    "addLegalEntity": (
        'addLegalEntity(input: {name: "x", country: "DE", taxId: "1", currency: "EUR"})'
    ),
    "inviteMember": 'inviteMember(input: {email: "x@y.ru", roles: [BUYER]})',
    "cancelInvitation": 'cancelInvitation(input: {invitationId: "x"})',
    "setMemberRoles": 'setMemberRoles(input: {userId: "x", roles: [BUYER]})',
    "removeMember": 'removeMember(input: {userId: "x"})',
    "createApiKey": 'createApiKey(input: {name: "x", scopes: [ORDER_VIEW]})',
    "revokeApiKey": 'revokeApiKey(input: {apiKeyId: "x"})',
}
NEED_ADMINISTRATOR = ("addLegalEntity", "inviteMember")


async def test_strangers_and_low_roles_do_nothing(graphql: GraphQLClient) -> None:
    approver = await make_buyer(Role.APPROVER)
    before = await contents()
    for name, field in ANONYMOUS.items():
        assert (await one(graphql, field))["code"] == "UNAUTHENTICATED", name
    for name in NEED_ADMINISTRATOR:
        refused = await one(graphql, ANONYMOUS[name], actor=approver)
        assert refused["code"] == "FORBIDDEN", name
    reply = await graphql.run("{ viewer { members { edges { cursor } } } }", actor=approver)
    assert reply.codes == ["FORBIDDEN"]
    reply = await graphql.run("{ viewer { invitations { id } } }", actor=approver)
    assert reply.codes == ["FORBIDDEN"]
    assert await contents() == before


async def test_nodes_are_for_those_who_may_see_them(graphql: GraphQLClient) -> None:
    account = await make_account(graphql.resources.identity)
    stranger = await make_buyer(Role.ADMINISTRATOR)
    reply = await graphql.run(VIEWER, actor=account.actor)
    viewer = reply.data["viewer"]
    query = "query ($id: ID!) { node(id: $id) { id ... on User { email } } }"
    for shown in (viewer["user"]["id"], viewer["company"]["id"], viewer["legalEntity"]["id"]):
        reply = await graphql.run(query, actor=account.actor, id=shown)
        assert reply.data["node"]["id"] == shown
        assert (await graphql.run(query, actor=stranger, id=shown)).data == {"node": None}
        assert (await graphql.run(query, id=shown)).data == {"node": None}
    assert await fetch_value("SELECT count(*) FROM user_account") == 2
