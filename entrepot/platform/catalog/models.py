"""Tables of the shared catalogue and of the sellers' offers in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.identity.models import Company, User
from entrepot.platform.ids import new_id


class Category(Model):
    """A node of the category tree; `path` is the slugs from the root, joined by `/`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    parent: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "entrepot.Category", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    path = fields.CharField(max_length=500, unique=True)
    name_en = fields.CharField(max_length=200)
    name_ru = fields.CharField(max_length=200)

    class Meta:
        table = "category"


class AttributeDefinition(Model):
    """What an attribute's value is: its type and, for numbers, its unit (UN/ECE Rec 20)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=100, unique=True)
    name_en = fields.CharField(max_length=200)
    name_ru = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=10, description="text | number | boolean")
    unit = fields.CharField(max_length=10, null=True)

    class Meta:
        table = "attribute_definition"
        constraints = (
            CheckConstraint(check="kind IN ('text','number','boolean')", name="attribute_kind"),
        )


class Product(Model):
    """A shared article: what it is, whoever sells it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    category: fields.ForeignKeyNullableRelation[Category] = fields.ForeignKeyField(
        "entrepot.Category", related_name="products", null=True, on_delete=fields.RESTRICT
    )
    brand = fields.CharField(max_length=200)
    brand_key = fields.CharField(max_length=200, description="folded brand, for identity")
    manufacturer_number = fields.CharField(max_length=255)
    number_key = fields.CharField(max_length=255, description="number without separators, folded")
    gtins = ArrayField("TEXT", default=list, description="as given, check digit verified")
    title_en = fields.CharField(max_length=500)
    title_ru = fields.CharField(max_length=500)
    description = fields.TextField(default="")
    unit = fields.CharField(max_length=10, default="PCE", description="UN/ECE Rec 20 code")
    attributes: dict[str, Any] = fields.JSONField(default=dict, description="code → typed value")
    discontinued = fields.BooleanField(
        default=False, db_default=False, description="no longer made"
    )
    replaced_by: fields.ForeignKeyNullableRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="replaces", null=True, on_delete=fields.SET_NULL
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "product"
        constraints = (
            UniqueConstraint(fields=("brand_key", "number_key"), name="product_identity"),
            CheckConstraint(check="replaced_by_id <> id", name="product_replaced_by_another"),
        )


class Offer(Model):
    """One seller's terms for a product."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="offers", on_delete=fields.RESTRICT
    )
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="offers", on_delete=fields.RESTRICT
    )
    external_id = fields.CharField(max_length=255, description="the seller's key for it")
    article_number = fields.CharField(max_length=255, description="the seller's number")
    number_key = fields.CharField(
        max_length=255,
        default="",
        db_default="",
        description="article number without separators, folded",
    )
    list_price = fields.DecimalField(max_digits=18, decimal_places=4)
    currency = fields.CharField(max_length=3)
    cost_price = fields.DecimalField(
        max_digits=18, decimal_places=4, null=True, description="what the seller paid; secret"
    )
    tax_included = fields.BooleanField(default=False)
    tax_rate = fields.DecimalField(max_digits=5, decimal_places=2, default=Decimal(20))
    pack_quantity = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(1))
    min_order_quantity = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(1))
    order_step = fields.DecimalField(max_digits=18, decimal_places=3, default=Decimal(1))
    max_order_quantity = fields.DecimalField(max_digits=18, decimal_places=3, null=True)
    restricted = fields.BooleanField(
        default=False,
        db_default=False,
        description="shown only to the audiences of its assortments",
    )
    lead_time_days = fields.IntField(default=3)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "offer"
        constraints = (
            UniqueConstraint(fields=("seller_id", "external_id"), name="offer_external_id"),
            CheckConstraint(check="list_price >= 0", name="offer_price_not_negative"),
            CheckConstraint(
                check="pack_quantity > 0 AND min_order_quantity > 0 AND order_step > 0",
                name="offer_quantities_positive",
            ),
            CheckConstraint(check="tax_rate >= 0 AND tax_rate < 100", name="offer_tax_rate"),
            CheckConstraint(check="cost_price >= 0", name="offer_cost_not_negative"),
            CheckConstraint(check="max_order_quantity > 0", name="offer_maximum_positive"),
        )
        indexes = (
            Index(fields=("product_id",), name="offer_product"),
            Index(fields=("seller_id", "article_number", "id"), name="offer_of_seller"),
            Index(fields=("number_key",), name="offer_number_key"),
        )


class OfferUnit(Model):
    """Another unit an offer can be ordered in: one of it is `quantity` of the product's unit."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="units", on_delete=fields.CASCADE
    )
    unit = fields.CharField(max_length=10, description="UN/ECE Rec 20 code")
    quantity = fields.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        table = "offer_unit"
        constraints = (
            UniqueConstraint(fields=("offer_id", "unit"), name="offer_unit_once"),
            CheckConstraint(check="quantity > 0", name="offer_unit_positive"),
        )


class CrossReference(Model):
    """Another maker's number for the same need (analog): `product` can stand in for it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="cross_references", on_delete=fields.CASCADE
    )
    brand = fields.CharField(max_length=200)
    number = fields.CharField(max_length=255)
    brand_key = fields.CharField(max_length=200)
    number_key = fields.CharField(max_length=255)

    class Meta:
        table = "cross_reference"
        constraints = (
            UniqueConstraint(
                fields=("product_id", "brand_key", "number_key"), name="cross_reference_once"
            ),
        )
        indexes = (Index(fields=("number_key",), name="cross_reference_number"),)


class ProductFile(Model):
    """A file shown with a product, such as a datasheet."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "entrepot.Product", related_name="files", on_delete=fields.CASCADE
    )
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="product_files", on_delete=fields.CASCADE
    )
    kind = fields.CharField(max_length=20, default="datasheet")
    name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=100)
    size = fields.BigIntField()
    blob_key = fields.CharField(max_length=100)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "product_file"
        indexes = (Index(fields=("product_id",), name="product_file_product"),)


class CatalogImport(Model):
    """One uploaded catalogue file on its way in: previewed, then committed line by line."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="catalog_imports", on_delete=fields.CASCADE
    )
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="catalog_imports", null=True, on_delete=fields.SET_NULL
    )
    file_name = fields.CharField(max_length=255)
    blob_key = fields.CharField(max_length=100)
    status = fields.CharField(max_length=20, description="see import_rules.STATUSES")
    options: dict[str, Any] = fields.JSONField(default=dict)
    lines_read = fields.IntField(default=0)
    lines_committed = fields.IntField(default=0, description="last line number applied")
    counts: dict[str, int] = fields.JSONField(default=dict)
    error: dict[str, Any] | None = fields.JSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "catalog_import"


class CatalogImportLine(Model):
    """One line of an import with its outcome."""

    id = fields.BigIntField(primary_key=True)
    catalog_import: fields.ForeignKeyRelation[CatalogImport] = fields.ForeignKeyField(
        "entrepot.CatalogImport", related_name="lines", on_delete=fields.CASCADE
    )
    line_number = fields.IntField()
    outcome = fields.CharField(max_length=20)
    field = fields.CharField(max_length=50, null=True)
    reason_en = fields.TextField(null=True)
    reason_ru = fields.TextField(null=True)
    values: dict[str, Any] = fields.JSONField(default=dict)
    offer_id = fields.UUIDField(null=True)

    class Meta:
        table = "catalog_import_line"
        constraints = (
            UniqueConstraint(
                fields=("catalog_import_id", "line_number"), name="catalog_import_line_once"
            ),
        )
