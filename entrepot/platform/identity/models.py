"""Tables of people, companies and the ways in."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from entrepot.platform.ids import new_id


class User(Model):
    """A person who can sign in."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    email = fields.CharField(max_length=254, unique=True, description="lower case")
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=255)
    locale = fields.CharField(max_length=2, default="en")
    email_confirmed_at = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "user_account"
        constraints = (CheckConstraint(check="email = lower(email)", name="user_email_lower"),)


class Company(Model):
    """A participant: buyer, seller, operator, or several of these at once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=200)
    is_buyer = fields.BooleanField(default=False)
    is_seller = fields.BooleanField(default=False)
    is_operator = fields.BooleanField(default=False)
    pays_in_advance = fields.BooleanField(
        default=False, db_default=False, description="a one-off buyer: orders wait for the money"
    )
    active = fields.BooleanField(default=True)
    external_id = fields.CharField(max_length=100, null=True, unique=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "company"


class LegalEntity(Model):
    """A registered body of a company: it buys, sells, owes and is owed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="legal_entities", on_delete=fields.RESTRICT
    )
    name = fields.CharField(max_length=300)
    country = fields.CharField(max_length=2, description="ISO 3166-1 alpha-2")
    tax_id = fields.CharField(max_length=20, description="INN in Russia, VAT number in the EU")
    registration_reason_code = fields.CharField(max_length=9, default="", description="KPP")
    address = fields.TextField(default="")
    time_zone = fields.CharField(max_length=50, default="UTC")
    currency = fields.CharField(max_length=3)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "legal_entity"
        constraints = (
            UniqueConstraint(
                fields=("country", "tax_id", "registration_reason_code"), name="legal_entity_tax"
            ),
        )
        indexes = (Index(fields=("company_id",), name="legal_entity_company"),)


class DeliveryAddress(Model):
    """Where goods of a legal entity can go; retired ones stay for the orders that name them."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="delivery_addresses", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=100, description="what colleagues call it")
    country = fields.CharField(max_length=2, description="ISO 3166-1 alpha-2")
    postal_code = fields.CharField(max_length=20, default="")
    city = fields.CharField(max_length=100)
    street = fields.CharField(max_length=300)
    recipient = fields.CharField(max_length=200, default="")
    phone = fields.CharField(max_length=50, default="")
    is_default = fields.BooleanField(default=False)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "delivery_address"
        constraints = (
            UniqueConstraint(
                fields=("legal_entity_id", "name"),
                name="delivery_address_name",
                condition="active",
            ),
            UniqueConstraint(
                fields=("legal_entity_id",),
                name="delivery_address_one_default",
                condition="is_default AND active",
            ),
        )


class Membership(Model):
    """A person's roles in one company (CompanyUser with CompanyRoles)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="memberships", on_delete=fields.CASCADE
    )
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="memberships", on_delete=fields.CASCADE
    )
    roles = ArrayField("TEXT", default=list)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "membership"
        constraints = (UniqueConstraint(fields=("user_id", "company_id"), name="membership_once"),)
        indexes = (Index(fields=("company_id",), name="membership_company"),)


class Session(Model):
    """A signed-in browser or app; the token itself is never stored."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256, hex")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="sessions", on_delete=fields.CASCADE
    )
    legal_entity: fields.ForeignKeyNullableRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="sessions", null=True, on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (
            Index(fields=("user_id",), name="session_user"),
            Index(fields=("expires_at",), name="session_expiry"),
        )


class ApiKey(Model):
    """A program's way in: acts for one legal entity with a subset of a person's permissions."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    prefix = fields.CharField(max_length=16, unique=True, description="shown; finds the row")
    secret_hash = fields.CharField(max_length=64, description="SHA-256, hex")
    name = fields.CharField(max_length=100)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="api_keys", on_delete=fields.CASCADE
    )
    legal_entity: fields.ForeignKeyRelation[LegalEntity] = fields.ForeignKeyField(
        "entrepot.LegalEntity", related_name="api_keys", on_delete=fields.CASCADE
    )
    scopes = ArrayField("TEXT", default=list)
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"
        indexes = (Index(fields=("user_id",), name="api_key_user"),)


class OneTimeToken(Model):
    """A link sent by e-mail: confirms an address or resets a password."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256, hex")
    purpose = fields.CharField(max_length=20, description="confirm_email | reset_password")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="one_time_tokens", on_delete=fields.CASCADE
    )
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "one_time_token"
        indexes = (Index(fields=("user_id", "purpose"), name="one_time_token_user"),)


class Invitation(Model):
    """An e-mail asked to join a company; nothing tells whether it has an account."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256, hex")
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "entrepot.Company", related_name="invitations", on_delete=fields.CASCADE
    )
    email = fields.CharField(max_length=254, description="lower case")
    roles = ArrayField("TEXT", default=list)
    invited_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "entrepot.User", related_name="invitations_sent", on_delete=fields.CASCADE
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitation"
        constraints = (UniqueConstraint(fields=("company_id", "email"), name="invitation_once"),)
