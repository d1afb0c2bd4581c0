"""What letters about standing orders say."""

from __future__ import annotations

from entrepot.platform.notifications.word_forms import Words

STANDING_LETTERS: dict[str, dict[str, Words]] = {
    "standing_order_held": {
        "en": Words(
            "{{ standing }}: nothing was ordered on {{ due_on }}",
            ("The standing order “{{ standing }}” of {{ entity }} was due on {{ due_on }} and was "
             "not ordered: {{ reason }}",
             "The cart “{{ cart }}” holds everything. Look at it and order it, or delete it."),
        ),
        "ru": Words(
            "{{ standing }}: {{ due_on|russian_day }} заказ не оформлен",
            ("Регулярный заказ «{{ standing }}» ({{ entity }}) на {{ due_on|russian_day }} не "
             "оформлен. Причина: {{ reason }}",
             "Все позиции лежат в корзине «{{ cart }}». Проверьте и оформите её или удалите."),
        ),
    },
    "standing_order_asks": {
        "en": Words(
            "Please agree to the standing order {{ standing }}",
            ("{{ by }} made the standing order “{{ standing }}” for {{ entity }}. The rules of "
             "your company ask for agreement.",
             "Once you agree, its dates are ordered by themselves, as long as prices and "
             "quantities stay within its limits. Until then they are held."),
        ),
        "ru": Words(
            "Согласуйте регулярный заказ «{{ standing }}»",
            ("{{ by }} создал регулярный заказ «{{ standing }}» для {{ entity }}. По правилам "
             "вашей компании его нужно согласовать.",
             "После согласования заказы по нему оформляются сами, пока цены и количества не "
             "выходят за его пределы. До этого они откладываются."),
        ),
    },
}  # fmt: skip
