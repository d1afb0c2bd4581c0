"""What `entrepot demo` tells a newcomer."""

from __future__ import annotations

from entrepot.demo.people import PASSWORD

GUIDE = {
    "en": """\
Sign in with any of these (password: {password}):
  buyer@demo.example       buys for Ural Logistics, at contract prices
  colleague@demo.example   buys there too: carts and lists can be shared
  approver@demo.example    agrees to its carts above 30,000 RUB or above the budget
  accountant@demo.example  sees its invoices
  seller1@demo.example     manages the offers of Nordic Fasteners (seller1 … seller6)
  agent1@demo.example      sells for it, and may order on the buyer's behalf
  warehouse1@demo.example  keeps its stock
  operator@demo.example    runs the marketplace

Four things to try in {address}/graphql :
  1. mutation {{ login(input: {{email: "buyer@demo.example", password: "{password}"}}) {{
       ... on LoginPayload {{ token }} }} }}
     and send the token as the header  Authorization: Bearer …
  2. {{ searchOffers(query: "болт м8", first: 5) {{ edges {{ node {{ id articleNumber }} }} }} }}
  3. addToCart, then placeOrder; a few seconds later the order's invoice is a PDF and the e-mails
     lie in {home}/mail
  4. prepareQuickOrder with a pasted list such as  БОЛТ-КРОВЛЯ; 2 кор  (the buyer's own number);
     confirmQuickOrder, proposeSourcing, submitCart: README.md has them all to paste
""",
    "ru": """\
Войдите под любым из этих имён (пароль: {password}):
  buyer@demo.example       покупает для Ural Logistics по договорным ценам
  colleague@demo.example   покупает там же: корзины и списки бывают общими
  approver@demo.example    согласует её корзины дороже 30 000 RUB или сверх бюджета
  accountant@demo.example  видит её счета
  seller1@demo.example     ведёт предложения Nordic Fasteners (seller1 … seller6)
  agent1@demo.example      продаёт от её имени и может заказать за покупателя
  warehouse1@demo.example  ведёт её склад
  operator@demo.example    управляет площадкой

Что попробовать в {address}/graphql :
  1. mutation {{ login(input: {{email: "buyer@demo.example", password: "{password}"}}) {{
       ... on LoginPayload {{ token }} }} }}
     и передавайте токен в заголовке  Authorization: Bearer …
  2. {{ searchOffers(query: "болт м8", first: 5) {{ edges {{ node {{ id articleNumber }} }} }} }}
  3. addToCart, затем placeOrder; через несколько секунд счёт готов в PDF, а письма лежат
     в {home}/mail
  4. prepareQuickOrder со списком вроде  БОЛТ-КРОВЛЯ; 2 кор  (свой номер покупателя);
     confirmQuickOrder, proposeSourcing, submitCart: всё это для вставки есть в README.md
""",
}


def guide(address: str, home: str, locale: str = "en") -> str:
    """Return logins for each role and four things to try, in English or Russian."""
    return GUIDE.get(locale, GUIDE["en"]).format(address=address, home=home, password=PASSWORD)
