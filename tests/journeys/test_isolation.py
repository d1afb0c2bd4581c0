"""Every query and mutation against outsiders: no data, no change.

Five outsiders try every root field of the schema on the victims' things, selecting all that the
schema offers: an anonymous caller, another buyer, another seller, and people without a role in
the victims' own companies. `ROWS` has a row for each field, and a field without one fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    visit,
)
from redis.asyncio import Redis

from entrepot.graphql.schema import schema
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.search.reindex import rebuild
from tests.graphql_client import GraphQLClient
from tests.journeys.isolation_world import (
    SECRET,
    SECRET_AMOUNTS,
    SECRET_FORECAST,
    SECRET_PRICE,
    World,
    build_world,
    snapshot,
)
from tests.journeys.rows import ALL, BUYERS, LOW, MEMBERS, SELLERS, SIGNED_IN, Row, gathered, listed

SCHEMA = build_schema(schema.as_str())
LEGAL = {"name": "X", "country": "RU", "taxId": "7707083893", "currency": "RUB",
         "registrationReasonCode": "770701001"}  # fmt: skip


def _input(**values: Any) -> dict[str, Any]:
    return {"input": values}


OWN_ROWS: dict[str, Row] = {
    # reads
    "apiVersion": Row(may=ALL),
    "node": Row({"id": "$order"}, may=SIGNED_IN | {"anonymous"}),  # answers null, see below
    "viewer": Row(may=ALL),
    "product": Row({"id": "$product"}, may=MEMBERS),
    "offer": Row({"id": "$offer"}, may=BUYERS),
    "categories": Row(may=MEMBERS),
    "myOffers": Row({"first": 50}, may=MEMBERS),
    "catalogImport": Row({"id": "$import"}),
    "priceLists": Row({"first": 50}, may=SELLERS),
    "warehouses": Row(may=SELLERS),
    "cart": Row(may=BUYERS),
    "orders": Row({"first": 50}, may=BUYERS | SELLERS),
    "sellerOrders": Row({"first": 50}, may=BUYERS | SELLERS),
    "accountBalances": Row(may=BUYERS | SELLERS),
    "searchOffers": Row({"query": "", "first": 50}, may=MEMBERS),
    "demandForecast": Row({"offerId": "$offer", "weeks": 13}),
    # identity
    "login": Row(_input(email="secret@buyer.test", password="not the password")),
    "logout": Row(may=SIGNED_IN),
    "switchLegalEntity": Row(_input(legalEntityId="$entity")),
    "setLocale": Row(_input(locale="RU"), may=SIGNED_IN),
    "registerCompany": Row(
        _input(
            email="secret@buyer.test",
            password="a long password 1",
            name="X",
            companyName="X",
            kind="BUYER",
            legalEntity=LEGAL,
            locale="EN",
        ),
        may=ALL,
    ),
    "confirmEmail": Row(_input(token="guess")),
    "requestPasswordReset": Row(_input(email="secret@buyer.test"), may=ALL),
    "resetPassword": Row(_input(token="guess", password="a long password 1")),
    "addLegalEntity": Row({"input": LEGAL}, may=MEMBERS),
    "inviteMember": Row(_input(email="secret@buyer.test", roles=["BUYER"]), may=MEMBERS),
    "cancelInvitation": Row(_input(invitationId="$nothing")),
    "setMemberRoles": Row(_input(userId="$colleague", roles=["APPROVER"])),
    "removeMember": Row(_input(userId="$colleague")),
    "acceptInvitation": Row(_input(token="guess", name="X", password="a long password 1")),
    "createApiKey": Row(_input(name="mine", scopes=["CATALOG_VIEW"]), may=MEMBERS),
    "revokeApiKey": Row(_input(apiKeyId="$apiKey")),
    # catalogue
    "createCategory": Row(_input(slug="x", nameEn="X", nameRu="X")),
    "renameCategory": Row(_input(categoryId="$category", nameEn="X", nameRu="X")),
    "defineAttribute": Row(_input(code="x", nameEn="X", nameRu="X", kind="TEXT")),
    "createProduct": Row(
        _input(brand="Rival", manufacturerNumber="R-1", titleEn="X", titleRu="X"), may=SELLERS
    ),
    "updateProduct": Row(_input(productId="$product", titleEn="Stolen")),
    "addCrossReference": Row(_input(productId="$product", brand="Rival", number="1")),
    "createOffer": Row(
        _input(productId="$product", articleNumber="R-1", listPrice="1", currency="RUB"),
        may=SELLERS,
    ),
    "updateOffer": Row(_input(offerId="$offer", listPrice="1")),
    "attachProductFile": Row(_input(productId="$product", uploadId="$upload")),
    "createUpload": Row(_input(fileName="x.csv", size="10"), may=MEMBERS),
    "previewCatalogImport": Row(_input(uploadId="$upload")),
    "commitCatalogImport": Row(_input(importId="$import")),
    # prices and stock
    "createPriceList": Row(_input(name="R", currency="RUB"), may=SELLERS),
    "assignPriceList": Row(_input(priceListId="$priceList", companyId="$company")),
    "withdrawPriceList": Row(_input(priceListId="$priceList", companyId="$company")),
    "setPriceTiers": Row(
        _input(
            priceListId="$priceList",
            lines=[{"offerId": "$offer", "tiers": [{"minQuantity": "1", "unitPrice": "1"}]}],
        )
    ),
    "createWarehouse": Row(_input(code="R", name="R"), may=SELLERS),
    "setStock": Row(_input(offerId="$offer", warehouseId="$warehouse", onHand="0")),
    # carts and orders
    "addToCart": Row(_input(offerId="$offer", quantity="1"), may=BUYERS),
    "updateCartLine": Row(_input(lineId="$cartLine", quantity="9")),
    "removeCartLine": Row(_input(lineId="$cartLine")),
    "placeOrder": Row(_input(cartIds=["$cart"], acceptPriceChanges=True)),
    "confirmSellerOrder": Row(_input(sellerOrderId="$sellerOrder")),
    "cancelSellerOrder": Row(_input(sellerOrderId="$sellerOrder")),
}
ROWS: dict[str, Row] = OWN_ROWS | gathered("ROWS")
DEPTHS: dict[str, int] = {
    "catalogImport": 4, "priceImport": 4, "proposeSourcing": 4, "customerGroups": 5,
    "promotions": 5, "activePromotions": 5, "sellerOrders": 5, "budgets": 6, "priceLists": 6,
}  # fmt: skip
"""How many levels of an answer are asked for, where more than three hold something new."""
UNASKED = {
    "Offer.orderable", "QuantityProposal.proposed", "QuantityProposal.reason",
    "QuantityProposal.soldBy",
}  # fmt: skip
"""`orderable` needs a quantity, and tells nothing but how an offer that is seen is sold."""
HIDDEN_NODES = (
    *listed("HIDDEN_NODES"),
    "cart", "order", "sellerOrder", "invoice", "priceList", "import", "hidden", "apiKey",
    "cartLine", "upload", "warehouse", "entity", "company", "user",
)  # fmt: skip
UNTOLD = (*listed("UNTOLD"),
          "cart", "cartLine", "order", "sellerOrder", "invoice", "priceList", "import", "hidden",
          "hiddenProduct", "apiKey", "upload", "warehouse")  # fmt: skip
"""Victims' things whose ids nobody may learn."""


def roots() -> dict[str, tuple[str, GraphQLField]]:
    """Every root field with the kind of operation it belongs to."""
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    return {
        **{name: ("query", found) for name, found in SCHEMA.query_type.fields.items()},
        **{name: ("mutation", found) for name, found in SCHEMA.mutation_type.fields.items()},
    }


def selection(of: GraphQLNamedType, depth: int = 5) -> str:
    """Select everything of a type that needs no argument, `depth` levels down."""
    if isinstance(of, GraphQLUnionType):
        parts = [f"... on {member.name} {selection(member, depth)}" for member in of.types]
        return "{ __typename " + " ".join(parts) + " }"
    if isinstance(of, GraphQLInterfaceType):
        members = SCHEMA.get_possible_types(of)
        parts = [f"... on {member.name} {selection(member, depth)}" for member in members]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(of, GraphQLObjectType)
    chosen = ["__typename"]
    for name, found in of.fields.items():
        if any(is_required_argument(argument) for argument in found.args.values()):
            continue
        target = get_named_type(found.type)
        alias = f"{of.name}_{name}: {name}"  # members of a union may type a name differently
        if is_leaf_type(target):
            chosen.append(alias)
        elif depth > 0:
            chosen.append(f"{alias} {selection(target, depth - 1)}")
    return "{ " + " ".join(chosen) + " }"


def filled(value: Any, world: World) -> Any:
    """Replace `$name` by the victims' ids, however deep."""
    if isinstance(value, str) and value.startswith("$"):
        return world.ids[value[1:]]
    if isinstance(value, dict):
        return {key: filled(item, world) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, world) for item in value]
    return value


def document(name: str, arguments: dict[str, Any]) -> str:
    """The operation that calls a root field with variables and selects everything."""
    kind, found = roots()[name]
    variables = ", ".join(f"${key}: {found.args[key].type}" for key in arguments)
    passed = ", ".join(f"{key}: ${key}" for key in arguments)
    target = get_named_type(found.type)
    # `node` selects of every type at once: deeper it would be refused for its tokens.
    depth = 1 if name == "node" else DEPTHS.get(name, 3)
    body = "" if is_leaf_type(target) else selection(target, depth)
    head = f"{kind} ({variables})" if variables else kind
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {body} }}"


@pytest.fixture
async def api(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[GraphQLClient]:
    """The API without its cost limits: here everything is selected at once."""
    wide = settings.model_copy(update={"max_query_cost": 10**9, "max_query_depth": 50})
    client = GraphQLClient(wide, database, redis)
    yield client
    await client.close()


def refused(data: Any) -> bool:
    """Whether a root field's answer is an error: null, or a union member with a code."""
    if data is None:
        return True
    return (
        isinstance(data, dict)
        and any(key.endswith("_code") for key in data)
        and any(key.endswith("_message") for key in data)
    )


def own(row: str, actor: Actor | None) -> bool:
    """Whether a stored row mentions the outsider, who may change it."""
    keys = () if actor is None else (str(actor.user_id),)
    return any(key in row for key in keys)


def test_every_root_field_has_a_row() -> None:
    assert set(ROWS) == set(roots())


def test_every_field_is_asked_for() -> None:
    """Secrets are looked for in all that an answer may hold."""
    asked: set[str] = set()
    types = TypeInfo(SCHEMA)

    class Fields(Visitor):
        def enter_field(self, *_: Any) -> None:
            parent, found = types.get_parent_type(), types.get_field_def()
            if parent is not None and found is not None and found.ast_node is not None:
                asked.add(f"{parent.name}.{found.ast_node.name.value}")

    for name, row in ROWS.items():
        visit(parse(document(name, row.arguments)), TypeInfoVisitor(types, Fields()))
    offered = {
        f"{one.name}.{name}"
        for one in SCHEMA.type_map.values()
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__")
        for name in one.fields
    }
    assert offered - asked == UNASKED


@pytest.mark.parametrize("outsider", sorted(ALL))
async def test_outsiders_learn_and_change_nothing(api: GraphQLClient, outsider: str) -> None:
    world = await build_world()
    await rebuild(api.resources.search)
    actor = world.outsiders[outsider]
    problems: list[str] = []
    for name, row in ROWS.items():
        before = await snapshot()
        reply = await api.run(
            document(name, row.arguments), actor=actor, **filled(row.arguments, world)
        )
        after = await snapshot()
        answer = reply.body.get("data")
        text = str(reply.body)
        where = f"{name} as {outsider}"
        if reply.status >= 500:
            problems.append(f"{where}: HTTP {reply.status}")
        if any(code == "INTERNAL" or code.startswith("GRAPHQL_") for code in reply.codes):
            problems.append(f"{where}: {reply.body['errors']}")
        secrets = (SECRET_PRICE, SECRET_FORECAST, *([] if outsider in LOW else [SECRET]))
        given = filled(row.arguments, world)
        secrets += tuple(world.ids[one] for one in UNTOLD if world.ids[one] not in str(given))
        secrets = (
            *secrets,
            *SECRET_AMOUNTS,
            "SECRET-PO",
            "SECRET-INV",
            "SECRET-EXT",
            "SECRET list",
            "SECRET key",
        )
        problems += [f"{where}: shows {secret}" for secret in secrets if secret in text]
        if outsider not in row.may:
            if answer is not None and not refused(answer[name]):
                problems.append(f"{where}: answered {answer[name]}")
            if after != before:
                changed = {table for table in after if after[table] != before[table]}
                problems.append(f"{where}: changed {sorted(changed)}")
            continue
        for table, rows in before.items():
            gone = {one for one in rows - after[table] if not own(one, actor)}
            company = "" if actor is None or outsider in LOW else str(actor.company_id)
            gone = {one for one in gone if not company or company not in one}
            if gone and table not in ("number_sequence", "stock_item"):
                problems.append(f"{where}: changed {table}: {sorted(gone)[:1]}")
    assert problems == []


@pytest.mark.parametrize("outsider", sorted(ALL))
async def test_no_hidden_thing_is_reachable_by_its_id(api: GraphQLClient, outsider: str) -> None:
    world = await build_world()
    for name in HIDDEN_NODES:
        reply = await api.run(
            document("node", {"id": ""}), actor=world.outsiders[outsider], id=world.ids[name]
        )
        assert not any(code.startswith("GRAPHQL_") for code in reply.codes), reply.body
        found = (reply.body.get("data") or {}).get("node")
        if name == "company" and outsider != "anonymous":
            continue  # names of companies are public to members of the marketplace
        if name in ("entity", "user") and outsider == "low_at_buyer":
            continue  # colleagues
        assert found is None, (name, found)
        assert SECRET not in str(reply.body), (name, reply.body)


async def test_the_victims_themselves_do_see_their_things(api: GraphQLClient) -> None:
    """The matrix can fail: what it looks for is there for those who may see it."""
    world = await build_world()
    row = await fetch_one(
        "SELECT u.id, m.company_id, e.id AS entity_id FROM user_account u"
        " JOIN membership m ON m.user_id = u.id JOIN legal_entity e USING (company_id)"
        " WHERE u.email = 'secret@buyer.test'"
    )
    assert row is not None
    actor = Actor(
        user_id=row["id"],
        company_id=row["company_id"],
        legal_entity_id=row["entity_id"],
        permissions=frozenset(Permission),
    )
    for name, expected in (("orders", "SECRET-PO"), ("cart", SECRET_PRICE), ("viewer", SECRET),
                           ("accountBalances", SECRET_AMOUNTS[0])):  # fmt: skip
        arguments = ROWS[name].arguments
        reply = await api.run(document(name, arguments), actor=actor, **filled(arguments, world))
        assert expected in str(reply.body), (name, reply.body)
