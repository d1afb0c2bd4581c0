"""Indexes for a seller's pages of offers and of a price list's tiers."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("entrepot", "0005_workers")]

    operations = [
        ops.AddIndex(
            model_name="Offer",
            index=Index(fields=["seller_id", "article_number", "id"], name="offer_of_seller"),
        ),
        ops.AddIndex(
            model_name="PriceTier",
            index=Index(
                fields=["price_list_id", "offer_id", "min_quantity"], name="price_tier_list"
            ),
        ),
    ]
