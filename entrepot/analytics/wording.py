"""A forecast's honesty in one or two sentences, English and Russian. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from entrepot.analytics import MINIMUM_WEEKS

_PROBLEMS = {
    "NOT_COMPUTED": (
        "No forecast has been computed for this offer yet. A run may be under way: the first one"
        " after the start takes some minutes. Otherwise the next weekly run will include it.",
        "Прогноз по этому предложению ещё не рассчитан. Возможно, расчёт уже идёт: первый после"
        " запуска занимает несколько минут. Иначе он войдёт в ближайший недельный расчёт.",
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
        "Checked {times} against what then came, it beat a simple repeat of the past.",
        "По проверке на прошлом (раз: {folds}) она точнее простого повтора прошлого.",
    ),
    "lost": (
        "Checked {times}, the model was worse than this each time, so this is used.",
        "Проверок: {folds}; модель каждый раз ошибалась больше, поэтому взят этот простой метод.",
    ),
    "close": (
        "Checked {times}: too close to a simple repeat of the past to call.",
        "Проверок: {folds}; разница с простым повтором прошлого неубедительна.",
    ),
    "alone": (
        "Checked {times} against what then came; there is too little to train a model on.",
        "Проверок по прошлому: {folds}; для обучения модели данных слишком мало.",
    ),
    "unchecked": (
        "It could not be checked against the past: the history is too short or never changed.",
        "Проверить прогноз по прошлому нельзя: история слишком коротка или спрос не менялся.",
    ),
}
_SHARES = {
    "both": (
        "The model was off by {ours} % of the demand; repeating last year's week, by {rival} %.",
        "Модель ошибалась на {ours} % спроса, повтор недели год назад – на {rival} %.",
    ),
    "model": (
        "The model was off by {ours} % of the demand.",
        "Модель ошибалась на {ours} % спроса.",
    ),
    "alone": ("It was off by {ours} % of the demand.", "Ошибка составила {ours} % спроса."),
}
_BIAS = {
    "little": (
        "Over all your articles it forecast {share} % too little, in part because it does not"
        " expect rare bulk orders.",
        "По всем вашим артикулам прогноз занижен на {share} %, отчасти потому, что не ждёт редких"
        " крупных заказов.",
    ),
    "much": (
        "Over all your articles it forecast {share} % too much.",
        "По всем вашим артикулам прогноз завышен на {share} %.",
    ),
}
_BIAS_WORTH_SAYING = 0.05


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences are made of. Units a week.

    Errors are RMSSE, None where not scored; `wape` and that of repeating the year are shares of
    the demand, None where nothing was sold.
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
    wape: float | None = None
    wape_seasonal_naive: float | None = None
    bias: float | None = None


def _amount(value: float, locale: str) -> str:
    """Two significant digits below ten, whole units above."""
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if locale == "ru" else text


def explain_problem(problem: str, weeks: int, locale: str) -> str:
    """Say why an offer has no forecast. Raises ``KeyError`` for an unknown problem."""
    return _PROBLEMS[problem][locale == "ru"].format(weeks=weeks, minimum=MINIMUM_WEEKS)


def explain(facts: Facts, locale: str) -> str:
    """Say how much, from what, and how sure, in ``locale`` (``ru``; anything else is English)."""
    pick = locale == "ru"
    verdict = _verdict(facts)
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
                times="once" if facts.folds == 1 else f"{facts.folds} times",
            ),
            *_shares(facts, verdict, pick),
            *_bias(facts, pick),
        )
    )


def _verdict(facts: Facts) -> str:
    if facts.error is None or (facts.error_seasonal_naive is None and facts.error_naive is None):
        return "unchecked"
    if facts.beats_naive is not None:
        return "won" if facts.beats_naive else "lost"
    return "close" if facts.method == "gradient_boosting" else "alone"


def _shares(facts: Facts, verdict: str, pick: bool) -> list[str]:
    """How far off it was, as a share of the demand; nothing where there was none to be off by."""
    if verdict == "unchecked" or facts.wape is None:
        return []
    rival = facts.wape_seasonal_naive
    # Beside a served repeat of the last week the year's error would tell nothing.
    beside = rival is not None and facts.method != "naive"
    kind = "alone" if verdict == "alone" else "both" if beside else "model"
    ours = f"{100 * facts.wape:.0f}"
    return [_SHARES[kind][pick].format(ours=ours, rival=f"{100 * (rival or 0.0):.0f}")]


def _bias(facts: Facts, pick: bool) -> list[str]:
    bias = facts.bias
    if facts.method != "gradient_boosting" or bias is None or abs(bias) < _BIAS_WORTH_SAYING:
        return []
    return [_BIAS["little" if bias < 0 else "much"][pick].format(share=f"{abs(bias):.0%}"[:-1])]
