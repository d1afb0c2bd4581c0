"""Forecasters behind one interface (``interface.Forecaster``)."""

from entrepot.analytics.forecasters.boosting import GradientBoosting
from entrepot.analytics.forecasters.interface import Forecast, Forecaster, NotEnoughData
from entrepot.analytics.forecasters.naive import Naive, SeasonalNaive

__all__ = [
    "Forecast",
    "Forecaster",
    "GradientBoosting",
    "Naive",
    "NotEnoughData",
    "SeasonalNaive",
]
