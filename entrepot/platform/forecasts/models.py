"""Tables of stored forecast runs."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id


class ForecastRun(Model):
    """One training over one seller's history; nothing of other sellers goes into it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    seller: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="forecast_runs", on_delete=fields.CASCADE
    )
    model = fields.CharField(max_length=40)
    version = fields.CharField(max_length=20)
    seed = fields.BigIntField()
    horizon = fields.SmallIntField(description="weeks ahead")
    data_from = fields.DateField(description="Monday of the first week learned from")
    data_to = fields.DateField(description="Monday of the last")
    metrics: dict[str, Any] = fields.JSONField(description="backtest: method → measure → value")
    trained_at = fields.DatetimeField()

    class Meta:
        table = "forecast_run"
        constraints = (
            CheckConstraint(check="horizon BETWEEN 1 AND 52", name="forecast_run_horizon"),
            CheckConstraint(check="data_from <= data_to", name="forecast_run_window"),
        )
        indexes = (Index(fields=("seller_id", "trained_at", "id"), name="forecast_run_latest"),)


class ForecastArticle(Model):
    """What a run says of one offer: the method served and how it was checked, or why nothing."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    run: fields.ForeignKeyRelation[ForecastRun] = fields.ForeignKeyField(
        "entrepot.ForecastRun", related_name="articles", on_delete=fields.CASCADE
    )
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "entrepot.Offer", related_name="forecasts", on_delete=fields.CASCADE
    )
    problem = fields.CharField(max_length=20, null=True, description="why there is no forecast")
    method = fields.CharField(max_length=40, null=True)
    beats_naive = fields.BooleanField(null=True, description="null: could not be checked")
    history_weeks = fields.IntField()
    folds = fields.SmallIntField(default=0, description="backtest origins that scored it")
    rmsse = fields.FloatField(null=True, description="of the model")
    rmsse_seasonal_naive = fields.FloatField(null=True)
    rmsse_naive = fields.FloatField(null=True)
    wape = fields.FloatField(null=True, description="of the model")
    wape_seasonal_naive = fields.FloatField(null=True)

    class Meta:
        table = "forecast_article"
        constraints = (
            UniqueConstraint(fields=("run_id", "offer_id"), name="forecast_article_once"),
            CheckConstraint(
                check="(problem IS NULL) <> (method IS NULL)", name="forecast_article_outcome"
            ),
        )
        indexes = (Index(fields=("offer_id",), name="forecast_article_offer"),)


class ForecastPoint(Model):
    """Demand of one offer in one week ahead, in units; low and high are quantiles 0.1 and 0.9."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    article: fields.ForeignKeyRelation[ForecastArticle] = fields.ForeignKeyField(
        "entrepot.ForecastArticle", related_name="points", on_delete=fields.CASCADE
    )
    week = fields.DateField(description="its Monday")
    mean = fields.FloatField()
    low = fields.FloatField()
    median = fields.FloatField()
    high = fields.FloatField()

    class Meta:
        table = "forecast_point"
        constraints = (
            UniqueConstraint(fields=("article_id", "week"), name="forecast_point_once"),
            CheckConstraint(
                check="0 <= low AND low <= median AND median <= high AND mean >= 0",
                name="forecast_point_order",
            ),
        )
