"""A catalogue brought in through the public API: upload, preview, commit, refused lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from entrepot.interchange.catalog_import import commit_import
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.database import fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_buyer, make_seller
from tests.graphql_client import GraphQLClient

CREATE = """
mutation Announce($name: String!, $size: Decimal) {
  createUpload(input: {fileName: $name, size: $size}) {
    __typename
    ... on CreateUploadPayload { uploadId url }
    ... on UserError { code message path }
  }
}
"""
IMPORT = """
fragment ImportFields on CatalogImport {
  id fileName status linesRead rejectedLinesUrl ignoredColumns
  failure { code message }
  counts { outcome count }
  lines(first: 2) {
    edges { node { lineNumber outcome offerId problem { code field value message remedy } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PREVIEW = (
    IMPORT
    + """
mutation Preview($input: PreviewCatalogImportInput!) {
  previewCatalogImport(input: $input) {
    __typename
    ... on CatalogImportPayload { catalogImport { ...ImportFields } }
    ... on UserError { code message path }
  }
}
"""
)
COMMIT = (
    IMPORT
    + """
mutation Commit($id: ID!) {
  commitCatalogImport(input: {importId: $id}) {
    __typename
    ... on CatalogImportPayload { catalogImport { ...ImportFields } }
    ... on UserError { code message path }
  }
}
"""
)
SHOW = IMPORT + "query Show($id: ID!) { catalogImport(id: $id) { ...ImportFields } }"
CATALOGUE = (
    "артикул;бренд;название;цена;остаток;примечание\n"
    "A-1;Bosch;Болт;10,50;5;x\n"
    "A-2;Bosch;Гайка;-3,00;5;y\n"
    "A-3;Bosch;Шайба;0,25;100;z\n"
)


async def upload(
    graphql: GraphQLClient, actor: Actor, content: bytes, name: str = "прайс.csv"
) -> str:
    reply = await graphql.run(CREATE, actor=actor, name=name, size=str(len(content)))
    made = reply.data["createUpload"]
    sent = await graphql.http.put(made["url"], content=content)
    assert (sent.status_code, sent.json()) == (201, {"size": len(content)})
    upload_id: str = made["uploadId"]
    return upload_id


async def preview(graphql: GraphQLClient, actor: Actor, upload_id: str, **rest: Any) -> Any:
    reply = await graphql.run(
        PREVIEW, actor=actor, locale="en", input={"uploadId": upload_id, **rest}
    )
    return reply.data["previewCatalogImport"]


def blobs_of(graphql: GraphQLClient) -> list[Path]:
    folder = graphql.resources.settings.home / "blobs"
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_upload_preview_commit_and_the_refused_lines(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    upload_id = await upload(graphql, seller.actor, CATALOGUE.encode("cp1251"))
    shown = (await preview(graphql, seller.actor, upload_id))["catalogImport"]
    assert (shown["status"], shown["linesRead"], shown["fileName"]) == (
        "PREVIEWED",
        3,
        "прайс.csv",
    )
    assert shown["ignoredColumns"] == ["примечание"]
    assert shown["counts"] == [
        {"outcome": "CREATED", "count": 2},
        {"outcome": "INVALID", "count": 1},
    ]
    lines = [edge["node"] for edge in shown["lines"]["edges"]]
    assert lines[1] == {
        "lineNumber": 3,
        "outcome": "INVALID",
        "offerId": None,
        "problem": {
            "code": "OUT_OF_RANGE",
            "field": "price",
            "value": "-3,00",
            "message": "price “-3,00” is outside the range 0.0001 – 1000000000.",
            "remedy": "Give a value within 0.0001 – 1000000000.",
        },
    }
    assert shown["lines"]["pageInfo"]["hasNextPage"]
    assert await Product.all().count() == 0

    reply = await graphql.run(COMMIT, actor=seller.actor, id=shown["id"])
    assert reply.data["commitCatalogImport"]["catalogImport"]["status"] == "COMMITTING"
    import_id = await fetch_value("SELECT id FROM catalog_import")
    await commit_import(import_id)  # the worker's part
    reply = await graphql.run(SHOW, actor=seller.actor, id=shown["id"])
    assert reply.data["catalogImport"]["status"] == "COMMITTED"
    assert await Offer.all().count() == 2

    file = await graphql.http.get(reply.data["catalogImport"]["rejectedLinesUrl"])
    assert file.status_code == 200
    assert file.headers["content-type"] == "text/csv; charset=windows-1251"
    assert "refused.csv" in file.headers["content-disposition"]
    text = file.content.decode("cp1251")
    assert text.splitlines()[0] == (
        "артикул;бренд;название;цена;остаток;примечание;line;column;reason;how to mend"
    )
    assert len(text.splitlines()) == 2


async def test_others_see_nothing_and_change_nothing(graphql: GraphQLClient) -> None:
    seller, other = await make_seller(), await make_seller()
    buyer = await make_buyer()
    low = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    upload_id = await upload(graphql, seller.actor, CATALOGUE.encode())
    shown = (await preview(graphql, seller.actor, upload_id))["catalogImport"]

    assert (await preview(graphql, other.actor, upload_id))["code"] == "NOT_FOUND"
    for actor, code in (
        (other.actor, "NOT_FOUND"),
        (buyer, "FORBIDDEN"),
        (low, "FORBIDDEN"),
        (None, "UNAUTHENTICATED"),
    ):
        assert (await graphql.run(SHOW, actor=actor, id=shown["id"])).codes == [code]
        reply = await graphql.run(COMMIT, actor=actor, id=shown["id"])
        assert reply.data["commitCatalogImport"]["code"] == code
        node = await graphql.run(
            "query N($id: ID!) { node(id: $id) { id } }", actor=actor, id=shown["id"]
        )
        assert node.body.get("data") in ({"node": None}, None)
    for actor in (low, None):
        reply = await graphql.run(CREATE, actor=actor, name="x.csv", size="1")
        assert reply.data["createUpload"]["code"] in ("FORBIDDEN", "UNAUTHENTICATED")
    assert await fetch_value("SELECT status FROM catalog_import") == "PREVIEWED"
    assert await fetch_value("SELECT count(*) FROM upload") == 1
    assert await Offer.all().count() == 0


async def test_bad_files_are_typed_errors(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    for content, code in (
        (b"", "SPREADSHEET_EMPTY"),
        (b"a;b\n1;2\n", "SPREADSHEET_COLUMNS_MISSING"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "SPREADSHEET_FORMAT_UNSUPPORTED"),
        (b"PK\x03\x04broken", "SPREADSHEET_DAMAGED"),
    ):
        upload_id = await upload(graphql, seller.actor, content)
        shown = (await preview(graphql, seller.actor, upload_id))["catalogImport"]
        assert shown["status"] == "FAILED"
        assert shown["failure"]["code"] == code
        assert shown["failure"]["message"]
        assert shown["lines"]["edges"] == []
        reply = await graphql.run(COMMIT, actor=seller.actor, id=shown["id"])
        assert reply.data["commitCatalogImport"]["code"] == "IMPORT_NOT_READY"

    announced = (await graphql.run(CREATE, actor=seller.actor, name="x.csv")).data["createUpload"]
    early = await preview(graphql, seller.actor, announced["uploadId"])
    assert (early["code"], early["path"]) == ("UPLOAD_NOT_COMPLETE", ["input", "uploadId"])
    assert (await preview(graphql, seller.actor, "VXBsb2Fk"))["code"] == "INVALID_ID"
    wrong = await preview(graphql, seller.actor, announced["uploadId"], decimal="x")
    assert wrong["code"] == "INVALID_INPUT"


async def test_a_huge_file_is_refused_early_and_leaves_nothing(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    limit = graphql.resources.settings.max_upload_bytes
    reply = await graphql.run(CREATE, actor=seller.actor, name="x.csv", size=str(2 * 1024**3))
    assert reply.data["createUpload"]["code"] == "UPLOAD_TOO_LARGE"
    assert await fetch_value("SELECT count(*) FROM upload") == 0

    made = (await graphql.run(CREATE, actor=seller.actor, name="x.csv")).data["createUpload"]
    touched = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal touched
        for _ in range(limit // 1024**2 + 8):
            touched += 1
            yield b"x" * 1024**2

    declared = await graphql.http.put(
        made["url"], content=body(), headers={"content-length": str(2 * 1024**3)}
    )
    assert (declared.status_code, touched) == (413, 0)
    assert declared.json()["errors"][0]["extensions"]["code"] == "UPLOAD_TOO_LARGE"
    streamed = await graphql.http.put(
        made["url"], content=body(), headers={"accept-language": "ru"}
    )
    assert streamed.status_code == 413
    assert streamed.json()["errors"][0]["message"].startswith("Файл больше 64 МиБ")
    assert blobs_of(graphql) == []

    assert (await graphql.http.put(made["url"], content=b"small")).status_code == 201
    again = await graphql.http.put(made["url"], content=b"other")
    assert again.status_code == 404
    assert again.json()["errors"][0]["extensions"]["code"] == "UPLOAD_GONE"
    assert (await graphql.http.put("/uploads/nonsense", content=b"x")).status_code == 404
    assert [path.read_bytes() for path in blobs_of(graphql)] == [b"small"]
