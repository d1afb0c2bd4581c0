from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from entrepot.platform.ids import new_id


class Migration(migrations.Migration):
    dependencies = [('entrepot', '0003_forecasts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Invitation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('token_hash', fields.CharField(unique=True, description='SHA-256, hex', max_length=64)),
                ('company', fields.ForeignKeyField('entrepot.Company', source_field='company_id', db_constraint=True, to_field='id', related_name='invitations', on_delete=OnDelete.CASCADE)),
                ('email', fields.CharField(description='lower case', max_length=254)),
                ('roles', ArrayField(default=list, element_type='TEXT')),
                ('invited_by', fields.ForeignKeyField('entrepot.User', source_field='invited_by_id', db_constraint=True, to_field='id', related_name='invitations_sent', on_delete=OnDelete.CASCADE)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accepted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'invitation', 'app': 'entrepot', 'pk_attr': 'id', 'table_description': 'An e-mail asked to join a company; nothing tells whether it has an account.'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='ApiKey',
            index=Index(fields=['user_id'], name='api_key_user'),
        ),
        ops.AddIndex(
            model_name='LegalEntity',
            index=Index(fields=['company_id'], name='legal_entity_company'),
        ),
        ops.AddIndex(
            model_name='Membership',
            index=Index(fields=['company_id'], name='membership_company'),
        ),
        ops.AlterModelOptions(
            name='OneTimeToken',
            options={'table': 'one_time_token', 'app': 'entrepot', 'indexes': [Index(fields=['user_id', 'purpose'], name='one_time_token_user')], 'pk_attr': 'id', 'table_description': 'A link sent by e-mail: confirms an address or resets a password.'},
        ),
        ops.AlterField(
            model_name='OneTimeToken',
            name='purpose',
            field=fields.CharField(description='confirm_email | reset_password', max_length=20),
        ),
        ops.AddIndex(
            model_name='Session',
            index=Index(fields=['user_id'], name='session_user'),
        ),
        ops.AddIndex(
            model_name='Session',
            index=Index(fields=['expires_at'], name='session_expiry'),
        ),
        ops.AddConstraint('Invitation', UniqueConstraint(fields=('company_id', 'email'), name='invitation_once')),
    ]
