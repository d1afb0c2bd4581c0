"""What `entrepot demo` tells a newcomer."""

from __future__ import annotations

from entrepot.demo.people import PASSWORD

GUIDE = {
    "en": """\
Sign in with any of these (password: {password}):
  buyer@demo.example       buys, at contract prices
  approver@demo.example    sees the orders of that company
  accountant@demo.example  sees its invoices
  seller1@demo.example     manages the offers of Nordic Fasteners (seller1 … seller6)
  warehouse1@demo.example  keeps its stock
  operator@demo.example    runs the marketplace

Three things to try in {address}/graphql :
  1. mutation {{ login(input: {{email: "buyer@demo.example", password: "{password}"}}) {{
       ... on LoginPayload {{ token }} }} }}
     and send the token as the header  Authorization: Bearer …
  2. {{ searchOffers(query: "болт м8", first: 5) {{ edges {{ node {{ id articleNumber }} }} }} }}
  3. addToCart, then placeOrder; a few seconds later the order's invoice is a PDF and the e-mails
     lie in {home}/mail
""",
    "ru": """\
Войдите под любым из этих имён (пароль: {password}):
  buyer@demo.example       покупает по договорным ценам
  approver@demo.example    видит заказы этой компании
  accountant@demo.example  видит её счета
  seller1@demo.example     ведёт предложения Nordic Fasteners (seller1 … seller6)
  warehouse1@demo.example  ведёт её склад
  operator@demo.example    управляет площадкой

Что попробовать в {address}/graphql :
  1. mutation {{ login(input: {{email: "buyer@demo.example", password: "{password}"}}) {{
       ... on LoginPayload {{ token }} }} }}
     и передавайте токен в заголовке  Authorization: Bearer …
  2. {{ searchOffers(query: "болт м8", first: 5) {{ edges {{ node {{ id articleNumber }} }} }} }}
  3. addToCart, затем placeOrder; через несколько секунд счёт готов в PDF, а письма лежат
     в {home}/mail
""",
}


def guide(address: str, home: str, locale: str = "en") -> str:
    """Return logins for each role and three things to try, in English or Russian."""
    return GUIDE.get(locale, GUIDE["en"]).format(address=address, home=home, password=PASSWORD)
