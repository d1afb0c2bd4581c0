"""The interface every forecaster has.

scikit-learn's conventions: parameters are the arguments of ``__init__``, stored under their own
names (``get_params``, ``set_params`` and ``sklearn.base.clone`` work); what ``fit`` learns ends in
an underscore. What differs is the data: ``fit`` takes a ``DemandPanel``, ``predict`` the number of
weeks ahead, because the rows of ``X`` and ``y`` are the forecaster's own affair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

from sklearn.base import BaseEstimator

from entrepot.analytics.panel import DemandPanel, FloatArray


class NotEnoughData(ValueError):
    """The panel is too short or too small for this forecaster."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Weekly demand ahead of ``n`` articles.

    ``mean`` is ``(n, h)``, ``quantiles`` ``(n, len(levels), h)``, in units a week, never negative;
    quantiles never fall as the level rises. Rows follow ``series``, column 0 is the week after the
    panel's last.
    """

    series: tuple[str, ...]
    levels: tuple[float, ...]
    mean: FloatArray
    quantiles: FloatArray

    def quantile(self, level: float) -> FloatArray:
        """The forecast at one of ``levels``, shape ``(n, h)``."""
        return self.quantiles[:, self.levels.index(level), :]


class Forecaster(BaseEstimator, ABC):  # type: ignore[misc]  # the untyped base above
    """Base of all forecasters."""

    levels: tuple[float, ...]

    @abstractmethod
    def fit(self, panel: DemandPanel) -> Self:
        """Learn from all weeks of ``panel``. Raises ``NotEnoughData``."""

    @abstractmethod
    def predict(self, horizon: int) -> Forecast:
        """Forecast the ``horizon`` weeks after the fitted panel's last.

        Raises ``sklearn.exceptions.NotFittedError`` before ``fit``, ``ValueError`` when ``horizon``
        is out of range.
        """
