"""Calls of the marketplace's search words."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.vocabulary import service
from entrepot.platform.catalog.vocabulary.rules import SearchWordKind
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_company
from tests.journeys.rows import Row, Victims, row

ROWS = {
    "searchWords": Row({"first": 50}),
    "saveSearchWord": row(kind="STOP_WORD", words=["stolen"]),
    "deleteSearchWord": row(searchWordId="$searchWord"),
}
VALID = {
    "saveSearchWord": {
        "input": {"kind": "REPLACEMENT", "words": ["one #"], "means": ["two #"]},
    },
}
UNTOLD = HIDDEN_NODES = ("searchWord",)


async def build(victims: Victims) -> dict[str, str]:
    """A word of the operator's."""
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    words = ["SECRET grinder", "SECRET sander"]
    made = await service.save(operator, None, SearchWordKind.SYNONYM, words)
    return {"searchWord": encode_id("SearchWord", made)}
