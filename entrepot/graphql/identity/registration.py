"""Becoming somebody here: registration, confirmation, forgotten passwords."""

from typing import Annotated

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.identity.enums import Locale, RegistrationKind, stored
from entrepot.graphql.identity.errors import InvalidToken
from entrepot.graphql.identity.resources import identity_of
from entrepot.platform.identity import service


@strawberry.input(description="A registered body of a company.")
class LegalEntityInput:
    name: str = strawberry.field(description="Registered name, at most 300 characters.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code, such as RU or DE.")
    tax_id: str = strawberry.field(
        description="INN in Russia (10 or 12 digits), VAT number in the EU. Check digits count."
    )
    currency: str = strawberry.field(description="ISO 4217 code of the currency it trades in.")
    registration_reason_code: str = strawberry.field(
        default="", description="KPP: required for Russian organisations, empty for all others."
    )
    address: str = strawberry.field(default="", description="Registered address, one line.")
    time_zone: str = strawberry.field(
        default="UTC", description="IANA time zone of its documents, such as Europe/Moscow."
    )

    def draft(self) -> service.LegalEntityDraft:
        """Return it as the service takes it."""
        return service.LegalEntityDraft(
            name=self.name,
            country=self.country,
            tax_id=self.tax_id,
            currency=self.currency,
            registration_reason_code=self.registration_reason_code,
            address=self.address,
            time_zone=self.time_zone,
        )


@strawberry.input(description="A company and its first person.")
class RegisterCompanyInput:
    email: str = strawberry.field(description="E-mail to sign in with; a letter goes there.")
    password: str = strawberry.field(description="10 to 200 characters, not a common one.")
    name: str = strawberry.field(description="Your name.")
    company_name: str = strawberry.field(description="Name that others will see.")
    kind: RegistrationKind = strawberry.field(description="Whether it buys or sells.")
    legal_entity: LegalEntityInput = strawberry.field(description="Its first legal entity.")
    locale: Locale | None = strawberry.field(
        default=None,
        description="Language of answers and letters; that of the request, unless given.",
    )
    one_off: bool = strawberry.field(
        default=False,
        description="A buyer without a contract: pays in advance, and sellers begin when it has.",
    )


@strawberry.type(description="A letter is on its way. The same for every e-mail.")
class RegisterCompanyPayload:
    email: str = strawberry.field(description="Where the letter goes, as you gave it.")


RegisterCompanyResult = Annotated[
    RegisterCompanyPayload | CommonErrors,
    strawberry.union("RegisterCompanyResult", description="The payload, or what to correct."),
]


@strawberry.input(description="What the letter brought.")
class ConfirmEmailInput:
    token: str = strawberry.field(description="Token from the link in the letter.")


@strawberry.type(description="The e-mail is confirmed; sign in.")
class ConfirmEmailPayload:
    email: str = strawberry.field(description="The e-mail.")


ConfirmEmailResult = Annotated[
    ConfirmEmailPayload | InvalidToken | CommonErrors,
    strawberry.union("ConfirmEmailResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="Whose password is forgotten.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="E-mail of the account.")


@strawberry.type(description="If the e-mail has an account, a letter is on its way.")
class RequestPasswordResetPayload:
    email: str = strawberry.field(description="The e-mail, as you gave it.")


RequestPasswordResetResult = Annotated[
    RequestPasswordResetPayload | CommonErrors,
    strawberry.union("RequestPasswordResetResult", description="The payload, or what to correct."),
]


@strawberry.input(description="A new password.")
class ResetPasswordInput:
    token: str = strawberry.field(description="Token from the link in the letter; works once.")
    password: str = strawberry.field(description="10 to 200 characters, not a common one.")


@strawberry.type(description="The password is changed and every session has ended; sign in.")
class ResetPasswordPayload:
    email: str = strawberry.field(description="E-mail of the account.")


ResetPasswordResult = Annotated[
    ResetPasswordPayload | InvalidToken | CommonErrors,
    strawberry.union("ResetPasswordResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class RegistrationMutation:
    """Open to everybody."""

    @mutation(
        "Register a company and yourself as its administrator. The answer is the same whether or"
        " not the e-mail or the company is known here: the letter tells."
    )
    async def register_company(
        self, info: Info, input: Annotated[RegisterCompanyInput, argument("Who registers.")]
    ) -> RegisterCompanyResult:
        context = info.context
        registration = service.Registration(
            email=input.email,
            password=input.password,
            name=input.name,
            company_name=input.company_name,
            kind=stored(input.kind),
            legal_entity=input.legal_entity.draft(),
            locale=stored(input.locale) if input.locale else context.locale,
            one_off=input.one_off,
        )
        await service.register_company(
            identity_of(context), registration, context.client_address, context.idempotency_key
        )
        return RegisterCompanyPayload(email=input.email)

    @mutation("Confirm the e-mail of an account.")
    async def confirm_email(
        self, info: Info, input: Annotated[ConfirmEmailInput, argument("What the letter brought.")]
    ) -> ConfirmEmailResult:
        email = await service.confirm_email(identity_of(info.context), input.token)
        return ConfirmEmailPayload(email=email)

    @mutation("Ask for a letter to reset a password. The answer is the same for every e-mail.")
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, argument("Whose password is forgotten.")],
    ) -> RequestPasswordResetResult:
        context = info.context
        await service.request_password_reset(
            identity_of(context), input.email, context.client_address
        )
        return RequestPasswordResetPayload(email=input.email)

    @mutation("Set a new password with the link from the letter; all sessions end.")
    async def reset_password(
        self, info: Info, input: Annotated[ResetPasswordInput, argument("A new password.")]
    ) -> ResetPasswordResult:
        email = await service.reset_password(identity_of(info.context), input.token, input.password)
        return ResetPasswordPayload(email=email)
