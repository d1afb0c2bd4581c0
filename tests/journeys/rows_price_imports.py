"""Calls of the import of price lists."""

from __future__ import annotations

from datetime import timedelta

from entrepot.graphql.node import encode_id
from entrepot.platform.documents.service import complete_upload, create_upload
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.models import PriceList
from entrepot.platform.pricing.price_imports.models import PriceImport
from tests.graphql_client import GraphQLClient
from tests.journeys.isolation_world import NOW, World
from tests.journeys.rows import Row, Victims, row

ROWS = {
    "priceImport": Row({"id": "$priceImport"}),
    "previewPriceImport": row(priceListId="$ownList", uploadId="$upload"),
    "commitPriceImport": row(importId="$priceImport"),
}
VALID = {"previewPriceImport": {"input": {"priceListId": "$ownList", "uploadId": "$prices"}}}
UNTOLD = HIDDEN_NODES = ("priceImport",)


async def build(victims: Victims) -> dict[str, str]:
    """A file that waits for its commit."""

    own = await PriceList.create(
        id=new_id(), seller=victims.seller.company, name="SECRET list of imports", currency="RUB",
        created_at=NOW + timedelta(days=1),
    )  # fmt: skip
    job = await PriceImport.create(
        seller=victims.seller.company, price_list=own, file_name="SECRET.csv",
        blob_key="0" * 64, status="PREVIEWED",
    )  # fmt: skip
    return {
        "priceImport": encode_id("PriceImport", job.id),
        "ownList": encode_id("PriceList", own.id),
    }


async def prepare(api: GraphQLClient, world: World, people: dict[str, Actor]) -> None:
    """A file of prices that was sent."""
    content = b"article;price\nOPEN-1;99\nNONE-1;1\n"
    key = api.resources.blobs.put([content])
    upload = await create_upload(people["seller"], "prices.csv", None, NOW, 10**6)
    await complete_upload(upload.id, key, len(content))
    world.ids["prices"] = encode_id("Upload", upload.id)
