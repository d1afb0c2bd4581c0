"""The pages behind the letters' links, in a browser against the real web application."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from graphql import build_schema, parse, validate
from playwright.async_api import Page, async_playwright

from entrepot import serving
from entrepot.graphql.schema import schema
from entrepot.platform.database import fetch_value
from entrepot.platform.identity.tokens import link_token
from entrepot.web.account_pages import HERE, PAGES, render
from entrepot.web.account_words import WORDS
from tests.graphql_client import GraphQLClient

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.operation)
def test_the_operations_are_of_the_public_schema(page: object) -> None:
    for path in (HERE / "documents").glob("*.graphql"):
        assert validate(build_schema(schema.as_str()), parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.operation)
def test_both_languages_say_everything(page: object) -> None:
    assert {key: set(words) for key, words in WORDS["en"].items()} == {
        key: set(words) for key, words in WORDS["ru"].items()
    }
    for locale in ("en", "ru"):
        for one in PAGES:
            html = render(one, locale, "n")
            assert f'lang="{locale}"' in html
            assert WORDS[locale][one.operation]["title"] in html


@pytest.fixture
async def address(graphql: GraphQLClient) -> AsyncIterator[str]:
    """The web application on a real port."""
    listener = serving.listen("127.0.0.1", 0)  # connections wait in its backlog until the start
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


async def test_a_wrong_code_and_a_missing_one_are_told(page: Page) -> None:
    await page.goto("/confirm-email#token=nonsense")
    assert await page.inner_text("h1") == "Подтвердите адрес почты"
    await page.click("button")
    await page.wait_for_selector("output.bad")
    assert re.search("[а-я]", await page.inner_text("output"))
    await page.goto("about:blank")
    await page.goto("/reset-password")
    assert await page.inner_text("output") == WORDS["ru"]["shared"]["no_token"]


@pytest.mark.parametrize(
    ("locale", "expected"), [("en", "at least 10 characters"), ("ru", "не короче 10 знаков")]
)
async def test_a_short_password_is_told_without_the_inputs_name(
    graphql: GraphQLClient, locale: str, expected: str
) -> None:
    document = (HERE / "documents" / "reset_password.graphql").read_text("utf-8")
    answer = await graphql.http.post(
        "/graphql",
        json={"query": document, "variables": {"token": "x", "password": "short"}},
        headers={"accept-language": locale},
    )
    assert answer.json()["data"]["resetPassword"] == {
        "__typename": "InvalidInput",
        "message": f"password: {expected}",
        "reason": expected,
    }


async def test_a_refused_input_is_told_in_plain_words(page: Page) -> None:
    await page.goto("/reset-password#token=nonsense")
    await page.fill("input[name=password]", "short")
    await page.click("button")
    await page.wait_for_selector("output.bad")
    assert await page.inner_text("output") == "не короче 10 знаков"


async def test_confirming_by_the_page(page: Page, graphql: GraphQLClient) -> None:
    entity = {"name": "X LLC", "country": "RU", "taxId": "7707083893", "currency": "RUB",
              "registrationReasonCode": "770701001", "address": "", "timeZone": "UTC"}  # fmt: skip
    await graphql.run(
        "mutation ($input: RegisterCompanyInput!) {"
        " registerCompany(input: $input) { __typename } }",
        input={"email": "p@x.test", "password": "a long password 1", "name": "P",
               "companyName": "X", "kind": "BUYER", "legalEntity": entity, "locale": "EN"},
    )  # fmt: skip
    record = await fetch_value("SELECT id FROM one_time_token")
    secret = graphql.resources.settings.secret_key
    assert secret is not None
    token = link_token(secret.get_secret_value().encode(), "confirm_email", record)
    await page.goto(f"/confirm-email#token={token}")
    await page.click("button")
    await page.wait_for_selector("output.good")
    assert await page.inner_text("output") == WORDS["ru"]["confirm_email"]["done"]
    assert "token" not in page.url
    assert await fetch_value("SELECT email_confirmed_at IS NOT NULL FROM user_account")


async def test_only_our_script_may_run(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as http:
        answer = await http.get("/accept-invitation", headers={"accept-language": "ru"})
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert nonce
        assert f'<script nonce="{nonce[1]}">' in answer.text
        assert "unsafe" not in policy
        assert '<meta name="referrer" content="no-referrer">' in answer.text
        again = await http.get("/accept-invitation")
        assert nonce[1] not in again.text
        assert (await http.post("/accept-invitation")).status_code == 405
