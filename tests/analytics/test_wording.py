"""How sure a forecast is, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from entrepot.analytics.panel import Problem
from entrepot.analytics.wording import Facts, explain, explain_problem

FACTS = Facts(
    method="gradient_boosting",
    beats_naive=True,
    mean=12.34,
    low=2.04,
    high=31.0,
    history_weeks=104,
    last_week=date(2026, 11, 16),
    folds=2,
    error=0.614,
    error_seasonal_naive=0.9,
    error_naive=0.8,
    wape=1.06,
    wape_seasonal_naive=1.307,
)


def test_the_model_that_won() -> None:
    assert explain(FACTS, "en") == (
        "About 12 a week; 8 weeks in 10 should lie between 2 and 31. "
        "The model learned from 104 weeks of this offer, up to the week of 2026-11-16. "
        "Checked 2 times against what then came, it beat a simple repeat of the past. "
        "The model was off by 106 % of the demand; repeating last year's week, by 131 %."
    )
    assert explain(replace(FACTS, low=2.34), "ru") == (
        "Около 12 в неделю; 8 недель из 10 ожидаются в пределах от 2,3 до 31. "
        "Модель обучена на 104 неделях этого предложения, до недели с 16.11.2026. "
        "По проверке на прошлом (раз: 2) она точнее простого повтора прошлого. "
        "Модель ошибалась на 106 % спроса, повтор недели год назад – на 131 %."
    )


def test_the_naive_method_that_is_served_says_why() -> None:
    lost = replace(FACTS, method="naive", beats_naive=False, error=1.5)
    assert explain(lost, "en").endswith(
        "Each week repeats the last one known (104 weeks known, up to that of 2026-11-16). "
        "Checked 2 times, the model was worse than this each time, so this is used. "
        "The model was off by 106 % of the demand."
    )
    assert explain(replace(lost, method="seasonal_naive"), "en").endswith("week, by 131 %.")


def test_where_there_is_no_model_nothing_is_compared_with_itself() -> None:
    alone = replace(FACTS, method="seasonal_naive", beats_naive=None, folds=1)
    assert explain(alone, "en").endswith(
        "Checked once against what then came; there is too little to train a model on. "
        "It was off by 106 % of the demand."
    )
    assert explain(alone, "ru").endswith("слишком мало. Ошибка составила 106 % спроса.")


@pytest.mark.parametrize(
    "facts",
    [replace(FACTS, wape=None, wape_seasonal_naive=None), replace(FACTS, error=None)],
)
def test_without_demand_or_check_no_share_of_it_is_named(facts: Facts) -> None:
    for locale in ("en", "ru"):
        assert "%" not in explain(facts, locale)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FACTS, beats_naive=None), "too close to a simple repeat"),
        (replace(FACTS, error=None), "could not be checked"),
        (
            replace(FACTS, error_seasonal_naive=None, error_naive=None, folds=0),
            "could not be checked",
        ),
    ],
)
def test_what_is_not_sure_is_said(facts: Facts, said: str) -> None:
    assert said in explain(facts, "en")


def test_every_problem_has_a_sentence_in_both_languages() -> None:
    for problem in (*Problem, "NOT_COMPUTED"):
        for locale in ("en", "ru"):
            assert explain_problem(problem, 3, locale)
    assert "may be under way" in explain_problem("NOT_COMPUTED", 0, "en")
    assert "расчёт уже идёт" in explain_problem("NOT_COMPUTED", 0, "ru")
    assert explain_problem("TOO_SHORT", 3, "en") == (
        "Too little history: 3 of at least 8 weeks since the first sale."
    )


@pytest.mark.parametrize(
    ("facts", "ends"),
    [
        (replace(FACTS, bias=-0.2141), "it forecast 21 % too little, in part because it does not"
         " expect rare bulk orders."),
        (replace(FACTS, bias=0.3), "it forecast 30 % too much."),
        (replace(FACTS, bias=0.04), "last year's week, by 131 %."),
        (replace(FACTS, bias=-0.5, method="naive", beats_naive=False),
         "The model was off by 106 % of the demand."),
    ],
)  # fmt: skip
def test_a_lean_to_one_side_is_said(facts: Facts, ends: str) -> None:
    assert explain(facts, "en").endswith(ends)
    assert ("занижен на 21 %" in explain(facts, "ru")) is (facts.bias == -0.2141)
