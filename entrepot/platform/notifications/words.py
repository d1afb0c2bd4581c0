"""What letters say, in English and Russian. Templates over a letter's values (jinja2)."""

from __future__ import annotations

from entrepot.platform.notifications.approval_words import APPROVAL_LETTERS
from entrepot.platform.notifications.order_words import ORDER_LETTERS
from entrepot.platform.notifications.standing_words import STANDING_LETTERS
from entrepot.platform.notifications.word_forms import Words

GREETING = {"en": ("Hello {name},", "Hello,"), "ru": ("Здравствуйте, {name}!", "Здравствуйте!")}
EXPIRES = {
    "en": "The link is valid until {moment} UTC.",
    "ru": "Ссылка действует до {moment} (UTC).",
}
CODE = {"en": "If you call the API, the code is:", "ru": "Для вызова API код такой:"}
FOOTER = {
    "en": "This letter was sent by the marketplace {site}. Please do not answer it.",
    "ru": "Это письмо отправлено торговой площадкой {site}. Отвечать на него не нужно.",
}

LETTERS: dict[str, dict[str, Words]] = {
    "confirm_email": {
        "en": Words(
            "Confirm your e-mail address",
            ("{{ company }} has been registered with this address. Confirm that it is yours.",
             "If you did not register, ignore this letter."),
            "Confirm the address",
        ),
        "ru": Words(
            "Подтвердите адрес электронной почты",
            ("На этот адрес зарегистрирована компания «{{ company }}». Подтвердите, что он ваш.",
             "Если вы не регистрировались, не отвечайте на это письмо."),
            "Подтвердить адрес",
        ),
    },
    "email_already_registered": {
        "en": Words(
            "You already have an account",
            ("Somebody, probably you, tried to register with this address again. You already "
             "have an account. If you forgot the password, set a new one.",),
            "Set a new password",
        ),
        "ru": Words(
            "У вас уже есть учётная запись",
            ("Кто-то, вероятно вы, пытался снова зарегистрироваться с этим адресом. Учётная "
             "запись у вас уже есть. Если вы забыли пароль, задайте новый.",),
            "Задать новый пароль",
        ),
    },
    "company_already_registered": {
        "en": Words(
            "Your company is already registered",
            ("{{ company }} is already on the marketplace. Ask its administrator to invite you.",),
        ),
        "ru": Words(
            "Компания уже зарегистрирована",
            ("«{{ company }}» уже есть на площадке. Попросите её администратора вас пригласить.",),
        ),
    },
    "reset_password": {
        "en": Words(
            "Set a new password",
            ("You asked for a new password. If it was not you, ignore this letter: your password "
             "stays as it is.",),
            "Set a new password",
        ),
        "ru": Words(
            "Новый пароль",
            ("Вы запросили новый пароль. Если это были не вы, не отвечайте на письмо: пароль "
             "останется прежним.",),
            "Задать новый пароль",
        ),
    },
    "password_changed": {
        "en": Words(
            "Your password was changed",
            ("Your password was changed and every session ended. If it was not you, reset the "
             "password at once and tell the administrator of your company.",),
        ),
        "ru": Words(
            "Пароль изменён",
            ("Ваш пароль изменён, все сеансы завершены. Если это были не вы, немедленно сбросьте "
             "пароль и сообщите администратору своей компании.",),
        ),
    },
    "invitation": {
        "en": Words(
            "{{ invited_by }} invites you to {{ company }}",
            ("{{ invited_by }} invites you to work for {{ company }} on the marketplace.",),
            "Accept the invitation",
        ),
        "ru": Words(
            "{{ invited_by }} приглашает вас в «{{ company }}»",
            ("{{ invited_by }} приглашает вас работать на площадке от имени «{{ company }}».",),
            "Принять приглашение",
        ),
    },
}  # fmt: skip
LETTERS |= ORDER_LETTERS | APPROVAL_LETTERS | STANDING_LETTERS
