"""The page behind an approver's link, in a browser against the real web application."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import uvicorn
from playwright.async_api import Page, async_playwright

from entrepot import serving
from entrepot.platform.carts.models import CartLine
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.identity.models import User
from entrepot.platform.identity.tokens import link_token
from entrepot.web.approval_pages import render
from entrepot.web.approval_words import WORDS
from tests.carts.approval_world import World, cart_status, make_world
from tests.graphql_client import GraphQLClient

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = os.environ.get("ENTREPOT_TEST_PICTURES")
"""A folder for screenshots, for those who work on the page."""


def test_both_languages_say_everything() -> None:
    assert set(WORDS["en"]) == set(WORDS["ru"])
    for locale in ("en", "ru"):
        html = render(locale, "n")
        assert f'lang="{locale}"' in html
        assert WORDS[locale]["title"] in html
    slots = {key: set(re.findall(r"{\w+}", text)) for key, text in WORDS["en"].items()}
    assert slots == {key: set(re.findall(r"{\w+}", text)) for key, text in WORDS["ru"].items()}


@pytest.fixture
async def world(graphql: GraphQLClient) -> World:
    """The company, at the present time, with links of the application's key."""
    made = await make_world()
    made.clock = FixedClock(datetime.now(UTC))
    made.key = graphql.resources.identity.secret_key
    await User.filter(id=made.buyer.user_id).update(name="Анна Северова")
    return made


@pytest.fixture
async def address(graphql: GraphQLClient) -> AsyncIterator[str]:
    """The web application on a real port."""
    listener = serving.listen("127.0.0.1", 0)
    config = uvicorn.Config(graphql.app, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    yield serving.address_of(listener)
    server.should_exit = True
    await running


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """A browser's page."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield await browser.new_page(base_url=address, locale="ru-RU")
        await browser.close()


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot where somebody asked for them."""
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def token_of(world: World, approval: UUID) -> str:
    """The code in the first approver's letter."""
    link: UUID = await fetch_value(
        "SELECT id FROM approval_link WHERE approval_id = $1 AND user_id = $2",
        approval,
        world.first.user_id,
    )
    return link_token(world.key, "approve", link)


async def asked(world: World) -> tuple[UUID, UUID, str]:
    """A cart that waits, its approval and the code of the link."""
    await world.above("100", [world.first], [world.boss])
    cart = await world.fill("2", cost_center="Цех 4")
    await world.fill("1", offer=await world.new_seller_offer("1234.5678"))
    approval = await world.submit(note="Нужно к пятнице.\nСпасибо!")
    return cart, approval, await token_of(world, approval)


async def test_looking_decides_nothing_and_agreeing_once_does(page: Page, world: World) -> None:
    cart, approval, token = await asked(world)
    await page.goto(f"/approve#token={token}")
    await page.wait_for_selector("#shown:visible")
    assert await page.inner_text("#lead") == "Анна Северова оформляет заказ для «Buyer Ltd LLC»"
    assert "Нужно к пятнице." in await page.inner_text("#note")
    assert "больше 100 RUB" in await page.inner_text("#reasons")
    assert "Шаг 1 из 2" in await page.inner_text("#about")
    assert "центр затрат Цех 4" in await page.inner_text("#lines")
    assert re.sub(r"\s", " ", await page.inner_text("#totals")).startswith(
        "Итого без налога 1 434,57 ₽"
    )
    assert await page.is_hidden("#drift")
    assert await fetch("SELECT id FROM approval_decision") == []
    assert await fetch_value("SELECT count(*) FROM approval_link WHERE used_at IS NOT NULL") == 0
    await picture(page, "approval")
    await page.click("button[value=approve]")
    await page.wait_for_selector("#told.good")
    assert await page.inner_text("#told") == "Согласовано. Спасибо: Анна Северова получит письмо."
    assert "token" not in page.url
    assert await page.is_hidden("#form")
    view = await world.view(approval)
    assert (view.current_step, view.decisions[0].by_link) == (2, True)
    await page.goto("about:blank")
    await page.goto(f"/approve#token={token}")
    await page.wait_for_selector("#told.bad")  # used up
    assert await page.is_hidden("#shown")
    assert await cart_status(cart) == "submitted"


async def test_a_higher_price_is_shown_and_must_be_ticked(page: Page, world: World) -> None:
    _, approval, token = await asked(world)
    await world.price("150")
    await page.set_viewport_size({"width": 390, "height": 900})
    await page.goto(f"/approve#token={token}")
    await page.wait_for_selector("#drift:visible")
    drift = re.sub(r"\s", " ", await page.inner_text("#drift span"))
    assert drift == "Корзина подорожала с момента запроса: было 1 434,57 ₽, стало 1 534,57 ₽."
    await picture(page, "approval_drift_phone")
    ends = "[...document.querySelectorAll('main *')].map(one => one.getBoundingClientRect().right)"
    inner = "document.querySelector('#form').getBoundingClientRect().right"
    assert await page.evaluate(f"Math.max(...{ends}) <= {inner}")  # nothing sticks out
    await page.click("button[value=approve]")
    await page.wait_for_selector("#answer.bad")
    assert await page.inner_text("#answer") == WORDS["ru"]["must_accept"]
    assert await fetch("SELECT id FROM approval_decision") == []
    await page.check("#accept")
    await page.click("button[value=approve]")
    await page.wait_for_selector("#told.good")
    assert (await world.view(approval)).snapshot.totals()["RUB"] == Decimal("1534.57")


async def test_a_price_that_rises_under_the_hand_is_shown_anew(page: Page, world: World) -> None:
    _, approval, token = await asked(world)
    await world.price("150")
    await page.goto(f"/approve#token={token}")
    await page.wait_for_selector("#drift:visible")
    await page.fill("#reason", "Ладно")
    await page.check("#accept")
    await world.price("200")
    await page.click("button[value=approve]")
    await page.wait_for_selector("#answer.bad")
    assert await page.inner_text("#answer") == WORDS["ru"]["changed_meanwhile"]
    drift = re.sub(r"\s", " ", await page.inner_text("#drift span"))
    assert drift == "Корзина подорожала с момента запроса: было 1 434,57 ₽, стало 1 634,57 ₽."
    assert not await page.is_checked("#accept")
    assert await page.locator("#lines > tr").count() == 2
    assert await page.locator("#totals > tr").count() == 1
    assert await page.input_value("#reason") == "Ладно"
    assert await fetch("SELECT id FROM approval_decision") == []
    assert (await world.view(approval)).snapshot.totals()["RUB"] == Decimal("1434.57")
    await page.check("#accept")
    await page.click("button[value=approve]")
    await page.wait_for_selector("#told.good")
    assert (await world.view(approval)).snapshot.totals()["RUB"] == Decimal("1634.57")


async def test_refusing_takes_a_reason(page: Page, world: World) -> None:
    cart, approval, token = await asked(world)
    await page.goto(f"/approve#token={token}")
    await page.wait_for_selector("#shown:visible")
    await page.click("button[value=refuse]")
    await page.wait_for_selector("#answer.bad")
    assert await page.inner_text("#answer") == WORDS["ru"]["say_why"]
    assert await cart_status(cart) == "submitted"
    await page.fill("#reason", "Слишком <b>дорого</b>")
    await page.click("button[value=refuse]")
    await page.wait_for_selector("#told.good")
    assert await cart_status(cart) == "open"
    assert (await world.view(approval)).decisions[0].reason == "Слишком <b>дорого</b>"


async def test_what_others_wrote_is_text(page: Page, world: World) -> None:
    await world.rule([world.first], name="<img src=x onerror=alert(1)>")
    await world.fill()
    approval = await world.submit(note="<script>document.title='x'</script>")
    await page.goto(f"/approve#token={await token_of(world, approval)}")
    await page.wait_for_selector("#shown:visible")
    assert "<script>" in await page.inner_text("#note")
    assert "<img" in await page.inner_text("#reasons")
    assert await page.title() == "Заказ на согласование — Entrepôt"


async def test_a_wrong_code_and_a_missing_one_are_told(page: Page, world: World) -> None:
    await page.goto("/approve#token=nonsense")
    await page.wait_for_selector("#told.bad")
    assert re.search("[а-я]", await page.inner_text("#told"))
    await page.goto("about:blank")
    await page.goto("/approve")
    await page.wait_for_selector("#told.bad")
    assert await page.inner_text("#told") == WORDS["ru"]["no_token"]
    assert await page.is_hidden("#shown")


async def test_a_program_that_follows_the_link_changes_nothing(address: str, world: World) -> None:
    _, approval, token = await asked(world)
    async with httpx.AsyncClient(base_url=address) as http:
        for method in ("GET", "HEAD"):
            answer = await http.request(method, "/approve", params={"token": token})
            assert answer.status_code == 200
            assert "unsafe" not in answer.headers["content-security-policy"]
        assert (await http.post("/approve")).status_code == 405
    assert (await world.view(approval)).decisions == ()
    assert len(await CartLine.all()) == 2
