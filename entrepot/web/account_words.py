"""What the account pages say, in English and Russian."""

from __future__ import annotations

WORDS: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "shared": {
            "noscript": "This page needs JavaScript. The letter's code works through the API too.",
            "no_token": "The address lacks its code. Open the link of the letter again.",
            "unreachable": "The marketplace does not answer. Try again in a minute.",
        },
        "confirm_email": {
            "title": "Confirm your e-mail address",
            "text": "One click, and you can sign in.",
            "button": "Confirm",
            "done": "Confirmed. You can sign in now.",
        },
        "reset_password": {
            "title": "Choose a new password",
            "text": "At least ten characters. You will be signed out everywhere.",
            "password": "New password",
            "button": "Save",
            "done": "Saved. Sign in with the new password.",
        },
        "accept_invitation": {
            "title": "Join your company",
            "text": "If you have an account here already, just accept.",
            "name": "Your name (new accounts)",
            "password": "Password (new accounts), at least ten characters",
            "button": "Accept",
            "done": "Welcome. You can sign in now.",
        },
    },
    "ru": {
        "shared": {
            "noscript": "Странице нужен JavaScript. Код из письма можно передать и через API.",
            "no_token": "В адресе нет кода. Откройте ссылку из письма ещё раз.",
            "unreachable": "Площадка не отвечает. Повторите через минуту.",
        },
        "confirm_email": {
            "title": "Подтвердите адрес почты",
            "text": "Одно нажатие — и можно входить.",
            "button": "Подтвердить",
            "done": "Адрес подтверждён. Теперь можно войти.",
        },
        "reset_password": {
            "title": "Задайте новый пароль",
            "text": "Не короче десяти знаков. Все открытые сеансы будут закрыты.",
            "password": "Новый пароль",
            "button": "Сохранить",
            "done": "Сохранено. Войдите с новым паролем.",
        },
        "accept_invitation": {
            "title": "Присоединитесь к компании",
            "text": "Если у вас уже есть учётная запись, просто примите приглашение.",
            "name": "Ваше имя (для новой записи)",
            "password": "Пароль (для новой записи), не короче десяти знаков",
            "button": "Принять",
            "done": "Добро пожаловать. Теперь можно войти.",
        },
    },
}
