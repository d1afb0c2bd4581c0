"""What letters about approvals say, in English and Russian."""

from __future__ import annotations

from entrepot.platform.notifications.word_forms import Words

_LINES = (
    "{% for line in lines %}{{ line.number }} {{ line.title }}: {{ line.quantity }} × "
    "{{ line.price }} = {{ line.net }}\n{% endfor %}"
)

APPROVAL_LETTERS: dict[str, dict[str, Words]] = {
    "approval_requested": {
        "en": Words(
            "{{ requester }} asks you to approve {{ totals }}",
            ("{{ requester }} wants to order for {{ entity }}"
             "{% if cart %}, cart “{{ cart }}”{% endif %}: {{ totals }} without tax.",
             "Why you are asked:\n{% for reason in reasons %}{{ reason }}\n{% endfor %}",
             "{% if note %}{{ requester }} says: {{ note }}{% endif %}",
             _LINES + "{% if more %}and {{ more }} more{% endif %}",
             "The page shows everything at today's prices. The link is yours alone: do not pass it "
             "on."),
            "Look and decide",
        ),
        "ru": Words(
            "{{ requester }}: прошу согласовать {{ totals }}",
            ("{{ requester }} оформляет заказ для «{{ entity }}»"
             "{% if cart %}, корзина «{{ cart }}»{% endif %}: {{ totals }} без налога.",
             "Почему спрашивают вас:\n{% for reason in reasons %}{{ reason }}\n{% endfor %}",
             "{% if note %}{{ requester }} пишет: {{ note }}{% endif %}",
             _LINES + "{% if more %}и ещё строк: {{ more }}{% endif %}",
             "На странице видно всё, по сегодняшним ценам. Ссылка только для вас: не пересылайте "
             "её."),
            "Посмотреть и решить",
        ),
    },
    "approval_granted": {
        "en": Words(
            "Approved: {{ totals }}",
            ("{{ by }} approved your cart{% if cart %} “{{ cart }}”{% endif %}: {{ totals }} "
             "without tax. You can place the order now.",
             "{% if changes %}Quantities were changed:\n{% for one in changes %}{{ one.number }}: "
             "{{ one.before }} → {{ one.after }}\n{% endfor %}{% endif %}",
             "{% if reason %}{{ by }} says: {{ reason }}{% endif %}"),
        ),
        "ru": Words(
            "Согласовано: {{ totals }}",
            ("{{ by }}: корзина{% if cart %} «{{ cart }}»{% endif %} на {{ totals }} без налога "
             "согласована. Теперь можно оформить заказ.",
             "{% if changes %}Изменены количества:\n{% for one in changes %}{{ one.number }}: "
             "{{ one.before }} → {{ one.after }}\n{% endfor %}{% endif %}",
             "{% if reason %}{{ by }} пишет: {{ reason }}{% endif %}"),
        ),
    },
    "approval_refused": {
        "en": Words(
            "Not approved: {{ totals }}",
            ("{{ by }} did not approve your cart{% if cart %} “{{ cart }}”{% endif %}: "
             "{{ totals }} without tax.",
             "The reason: {{ reason }}",
             "The cart is open again: change it and ask anew."),
        ),
        "ru": Words(
            "Не согласовано: {{ totals }}",
            ("{{ by }}: корзина{% if cart %} «{{ cart }}»{% endif %} на {{ totals }} без налога "
             "не согласована.",
             "Причина: {{ reason }}",
             "Корзина снова открыта: измените её и запросите согласование ещё раз."),
        ),
    },
    "approval_expired": {
        "en": Words(
            "Nobody decided on {{ totals }} in time",
            ("Your cart{% if cart %} “{{ cart }}”{% endif %} ({{ totals }} without tax) waited for "
             "agreement and nobody decided in time.",
             "The cart is open again: ask anew, or speak with your approvers."),
        ),
        "ru": Words(
            "Срок согласования истёк: {{ totals }}",
            ("Корзина{% if cart %} «{{ cart }}»{% endif %} ({{ totals }} без налога) ждала "
             "согласования, но решения в срок не приняли.",
             "Корзина снова открыта: запросите согласование ещё раз или поговорите с "
             "согласующими."),
        ),
    },
}  # fmt: skip
