"""A forecast's honesty in one or two sentences, English and Russian. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from entrepot.analytics import MINIMUM_WEEKS

_PROBLEMS = {
    "NOT_COMPUTED": (
        "No forecast has been computed for this offer yet. The next weekly run will include it.",
        "Прогноз по этому предложению ещё не рассчитан. Он войдёт в ближайший недельный расчёт.",
    ),
    "NO_SALES": (
        "This offer has never been sold, so there is nothing to forecast from.",
        "Это предложение ещё не продавалось, прогноз строить не из чего.",
    ),
    "TOO_SHORT": (
        "Too little history: {weeks} of at least {minimum} weeks since the first sale.",
        "Слишком короткая история: {weeks} из {minimum} нужных недель с первой продажи.",
    ),
    "NEGATIVE_DEMAND": (
        "The sales history has a week with negative demand. Correct the imported sales.",
        "В истории есть неделя с отрицательным спросом. Исправьте загруженные продажи.",
    ),
    "NOT_A_NUMBER": (
        "The sales history has a week without a number. Correct the imported sales.",
        "В истории есть неделя без числа. Исправьте загруженные продажи.",
    ),
}
_SURE = (
    "About {mean} a week; 8 weeks in 10 should lie between {low} and {high}.",
    "Около {mean} в неделю; 8 недель из 10 ожидаются в пределах от {low} до {high}.",
)
_METHODS = {
    "gradient_boosting": (
        "The model learned from {weeks} weeks of this offer, up to the week of {last}.",
        "Модель обучена на {weeks} неделях этого предложения, до недели с {last}.",
    ),
    "seasonal_naive": (
        "Each week repeats the same week a year ago ({weeks} weeks known, up to that of {last}).",
        "Каждая неделя повторяет ту же неделю год назад (известно недель: {weeks}, до {last}).",
    ),
    "naive": (
        "Each week repeats the last one known ({weeks} weeks known, up to that of {last}).",
        "Каждая неделя повторяет последнюю известную (известно недель: {weeks}, до {last}).",
    ),
}
_CHECKS = {
    "won": (
        "Checked {folds} times against what then came: error {ours}, last year's week {rival}.",
        "Проверена по прошлому, раз: {folds}. Ошибка {ours}, у «недели год назад» {rival}.",
    ),
    "lost": (
        "Checked {folds} times, the model was worse each time ({ours} against {rival}), so the"
        " simpler method is used.",
        "Проверок: {folds}; модель каждый раз ошибалась больше ({ours} против {rival}), поэтому"
        " взят более простой метод.",
    ),
    "close": (
        "Checked {folds} times: too close to a simple repeat of the past to call"
        " ({ours} against {rival}).",
        "Проверок: {folds}; разница с простым повтором прошлого неубедительна"
        " ({ours} против {rival}).",
    ),
    "unchecked": (
        "It could not be checked against the past: the history is too short or never changed.",
        "Проверить прогноз по прошлому нельзя: история слишком коротка или спрос не менялся.",
    ),
}
_BIAS = {
    "little": (
        "Over all your articles it forecast {share} % too little: it does not expect rare bulk"
        " orders.",
        "По всем вашим артикулам прогноз занижен на {share} %: редкие крупные заказы он не ждёт.",
    ),
    "much": (
        "Over all your articles it forecast {share} % too much.",
        "По всем вашим артикулам прогноз завышен на {share} %.",
    ),
}
_BIAS_WORTH_SAYING = 0.05


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences are made of. Units a week; errors are RMSSE, None where not scored.

    `bias` is that of the model over all the seller's articles, as a share of their demand;
    negative where too little was forecast.
    """

    method: str
    beats_naive: bool | None
    mean: float
    low: float
    high: float
    history_weeks: int
    last_week: date
    folds: int
    error: float | None
    error_seasonal_naive: float | None
    error_naive: float | None
    bias: float | None = None


def _amount(value: float, locale: str) -> str:
    """Two significant digits below ten, whole units above."""
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if locale == "ru" else text


def _error(value: float | None, locale: str) -> str:
    text = "–" if value is None else f"{value:.2f}"
    return text.replace(".", ",") if locale == "ru" else text


def explain_problem(problem: str, weeks: int, locale: str) -> str:
    """Say why an offer has no forecast. Raises ``KeyError`` for an unknown problem."""
    return _PROBLEMS[problem][locale == "ru"].format(weeks=weeks, minimum=MINIMUM_WEEKS)


def explain(facts: Facts, locale: str) -> str:
    """Say how much, from what, and how sure, in ``locale`` (``ru``; anything else is English)."""
    pick = locale == "ru"
    known = [e for e in (facts.error_seasonal_naive, facts.error_naive) if e is not None]
    if facts.error is None or not known:
        verdict, rival = "unchecked", None
    elif facts.beats_naive is False:
        verdict, rival = "lost", min(known)
    elif facts.beats_naive:
        verdict, rival = "won", facts.error_seasonal_naive
    else:
        verdict, rival = "close", min(known)
    last = facts.last_week.strftime("%d.%m.%Y") if pick else facts.last_week.isoformat()
    return " ".join(
        (
            _SURE[pick].format(
                mean=_amount(facts.mean, locale),
                low=_amount(facts.low, locale),
                high=_amount(facts.high, locale),
            ),
            _METHODS[facts.method][pick].format(weeks=facts.history_weeks, last=last),
            _CHECKS[verdict][pick].format(
                folds=facts.folds,
                ours=_error(facts.error, locale),
                rival=_error(rival, locale),
            ),
            *_bias(facts, pick),
        )
    )


def _bias(facts: Facts, pick: bool) -> list[str]:
    bias = facts.bias
    if facts.method != "gradient_boosting" or bias is None or abs(bias) < _BIAS_WORTH_SAYING:
        return []
    return [_BIAS["little" if bias < 0 else "much"][pick].format(share=f"{abs(bias):.0%}"[:-1])]
