"""Finding a selling company by its name: what is told where none or several fit."""

from __future__ import annotations

import pytest

from entrepot.platform.database import Database
from entrepot.platform.identity.seller_lookup import SellerUnclear, find_seller
from tests.factories import make_company


@pytest.mark.parametrize(
    ("text", "english", "russian"),
    [
        (
            "East",
            "No selling company is called “East”. Known: North One, North Two.",
            "Продавца с именем «East» нет. Известны: North One, North Two.",
        ),
        (
            "north",
            "“north” names 2 selling companies. Known: North One, North Two. Give the id.",
            "Продавцов с именем «north»: 2. Известны: North One, North Two. Укажите идентификатор.",
        ),
    ],
)
async def test_none_and_several_are_told_apart(
    database: Database, text: str, english: str, russian: str
) -> None:
    one, _ = await make_company("North One", seller=True)
    await make_company("North Two", seller=True)
    with pytest.raises(SellerUnclear) as refused:
        await find_seller(text)
    assert (refused.value.message("en"), refused.value.message("ru")) == (english, russian)
    assert await find_seller("North One") == one.id
