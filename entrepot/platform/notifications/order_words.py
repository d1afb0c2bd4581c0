"""What letters about orders and their papers say, in English and Russian."""

from __future__ import annotations

from entrepot.platform.notifications.word_forms import Words

ORDER_LETTERS: dict[str, dict[str, Words]] = {
    "order_placed": {
        "en": Words(
            "Order {{ number }} is placed",
            ("Your order {{ number }}{% if po_number %} ({{ po_number }}){% endif %} is placed. "
             "It goes to:",
             "{% for part in parts %}{{ part.seller }}: {{ part.number }}, "
             "{{ part.gross }} {{ part.currency }}\n{% endfor %}",
             "{% if advance %}You pay in advance: a pro forma follows for each part. The goods are "
             "reserved for you until it is due.{% else %}"
             "Each seller confirms its part and sends an invoice.{% endif %}"),
        ),
        "ru": Words(
            "Заказ {{ number }} оформлен",
            ("Ваш заказ {{ number }}{% if po_number %} ({{ po_number }}){% endif %} оформлен. "
             "Он передан продавцам:",
             "{% for part in parts %}{{ part.seller }}: {{ part.number }}, "
             "{{ part.gross }} {{ part.currency }}\n{% endfor %}",
             "{% if advance %}Вы платите заранее: на каждую часть придёт счёт на оплату. До срока "
             "оплаты товар зарезервирован за вами.{% else %}"
             "Каждый продавец подтвердит свою часть и выставит счёт.{% endif %}"),
        ),
    },
    "order_received": {
        "en": Words(
            "New order {{ parts[0].number }} from {{ buyer }}",
            (
                "{{ buyer }} has ordered from you:",
                "{% for part in parts %}{{ part.number }}: {{ part.gross }} {{ part.currency }}, "
                "articles: {{ part.lines }}\n{% endfor %}",
                "The stock is reserved; please confirm the order.",
            ),
        ),
        "ru": Words(
            "Новый заказ {{ parts[0].number }} от «{{ buyer }}»",
            (
                "«{{ buyer }}» сделал у вас заказ:",
                "{% for part in parts %}{{ part.number }}: {{ part.gross }} {{ part.currency }}, "
                "позиций: {{ part.lines }}\n{% endfor %}",
                "Товар зарезервирован; подтвердите заказ.",
            ),
        ),
    },
    "order_confirmed": {
        "en": Words(
            "Order {{ number }} is confirmed",
            ("{{ seller }} has confirmed the order {{ number }} ({{ purchase }}) for "
             "{{ gross }} {{ currency }}.",),
        ),
        "ru": Words(
            "Заказ {{ number }} подтверждён",
            ("«{{ seller }}» подтверждает заказ {{ number }} ({{ purchase }}) на сумму "
             "{{ gross }} {{ currency }}.",),
        ),
    },
    "order_cancelled": {
        "en": Words(
            "Order {{ number }} is cancelled",
            ("{% if unpaid %}The order {{ number }} ({{ purchase }}) for {{ gross }} "
             "{{ currency }} was not paid in time and is cancelled."
             "{% else %}{{ by }} has cancelled the order {{ number }} ({{ purchase }}) for "
             "{{ gross }} {{ currency }}.{% endif %} Its goods will not be delivered, and nothing "
             "is to be paid for it.",
             "{% if paid %}{{ paid }} {{ currency }} are here already; they are held for the "
             "buyer.{% endif %}",
             "{% if invoice %}The invoice {{ invoice }} is void.{% endif %}"),
        ),
        "ru": Words(
            "Заказ {{ number }} отменён",
            ("{% if unpaid %}Заказ {{ number }} ({{ purchase }}) на сумму {{ gross }} "
             "{{ currency }} не оплачен в срок и отменён."
             "{% else %}«{{ by }}»: заказ {{ number }} ({{ purchase }}) на сумму {{ gross }} "
             "{{ currency }} отменён.{% endif %} Товар поставлен не будет, "
             "оплачивать его не нужно.",
             "{% if paid %}Уже получено {{ paid }} {{ currency }}; эти деньги числятся за "
             "покупателем.{% endif %}",
             "{% if invoice %}Счёт {{ invoice }} недействителен.{% endif %}"),
        ),
    },
    "invoice_issued": {
        "en": Words(
            "Invoice {{ number }} from {{ seller }}",
            ("{{ seller }} has issued the invoice {{ number }} for your order {{ order }}: "
             "{{ gross }} {{ currency }}. It is attached.",),
        ),
        "ru": Words(
            "Счёт {{ number }} от «{{ seller }}»",
            ("«{{ seller }}» выставил счёт {{ number }} по вашему заказу {{ order }} на "
             "{{ gross }} {{ currency }}. Счёт приложен к письму.",),
        ),
    },
    "order_placed_for_you": {
        "en": Words(
            "{{ by }} ordered for you: {{ number }}",
            ("{{ by }} of {{ by_company }} has placed the order {{ number }}"
             "{% if po_number %} ({{ po_number }}){% endif %} for you. It goes to:",
             "{% for part in parts %}{{ part.seller }}: {{ part.number }}, "
             "{{ part.gross }} {{ part.currency }}\n{% endfor %}",
             "If you did not want it, cancel it before it ships. An administrator of your company "
             "can withdraw the leave to order for you."),
        ),
        "ru": Words(
            "{{ by }} оформил для вас заказ {{ number }}",
            ("{{ by }} («{{ by_company }}») оформил для вас заказ {{ number }}"
             "{% if po_number %} ({{ po_number }}){% endif %}. Он передан продавцам:",
             "{% for part in parts %}{{ part.seller }}: {{ part.number }}, "
             "{{ part.gross }} {{ part.currency }}\n{% endfor %}",
             "Если заказ вам не нужен, отмените его до отгрузки. Администратор вашей компании "
             "может отозвать право заказывать за вас."),
        ),
    },
    "approval_asked_for_you": {
        "en": Words(
            "{{ by }} filled a cart for you",
            ("{{ by }} of {{ by_company }} has filled the cart “{{ cart }}” for you. Your "
             "company's rules ask for an approval before it becomes an order; it was asked for.",),
        ),
        "ru": Words(
            "{{ by }} собрал для вас корзину",
            ("{{ by }} («{{ by_company }}») собрал для вас корзину «{{ cart }}». По правилам вашей "
             "компании заказ требует согласования; запрос отправлен.",),
        ),
    },
    "pro_forma_issued": {
        "en": Words(
            "Please pay {{ gross }} {{ currency }} for the order {{ number }}",
            ("The pro forma for your order {{ number }} from {{ seller }} is attached: "
             "{{ gross }} {{ currency }}, to be paid by {{ due_on }}.",
             "State {{ number }} with your payment. The goods are reserved until then; unpaid, "
             "the order is cancelled."),
        ),
        "ru": Words(
            "Счёт на оплату заказа {{ number }}: {{ gross }} {{ currency }}",
            ("К письму приложен счёт на оплату вашего заказа {{ number }} от «{{ seller }}»: "
             "{{ gross }} {{ currency }}, оплатить до {{ due_on|russian_day }}.",
             "В назначении платежа укажите {{ number }}. До этого дня товар зарезервирован; "
             "неоплаченный заказ будет отменён."),
        ),
    },
    "payment_received": {
        "en": Words(
            "Payment for {{ number }} received",
            ("Your payment of {{ gross }} {{ currency }} for the order {{ number }} from "
             "{{ seller }} is complete. Thank you.",
             "{% if advance %}The seller has been told to begin; the invoice follows.{% endif %}"),
        ),
        "ru": Words(
            "Оплата заказа {{ number }} получена",
            ("Заказ {{ number }} от «{{ seller }}» оплачен полностью: {{ gross }} "
             "{{ currency }}. Спасибо!",
             "{% if advance %}Продавец может приступать; счёт придёт следом.{% endif %}"),
        ),
    },
}  # fmt: skip
