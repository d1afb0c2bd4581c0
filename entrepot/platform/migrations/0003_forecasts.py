from tortoise import migrations
from tortoise.migrations import operations as ops
from entrepot.platform.ids import new_id
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('entrepot', '0002_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ForecastRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('seller', fields.ForeignKeyField('entrepot.Company', source_field='seller_id', db_constraint=True, to_field='id', related_name='forecast_runs', on_delete=OnDelete.CASCADE)),
                ('model', fields.CharField(max_length=40)),
                ('version', fields.CharField(max_length=20)),
                ('seed', fields.BigIntField()),
                ('horizon', fields.SmallIntField(description='weeks ahead')),
                ('data_from', fields.DateField(description='Monday of the first week learned from')),
                ('data_to', fields.DateField(description='Monday of the last')),
                ('metrics', fields.JSONField(description='backtest: method → measure → value', encoder=JSON_DUMPS, decoder=loads)),
                ('trained_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'forecast_run', 'app': 'entrepot', 'indexes': [Index(fields=['seller_id', 'trained_at', 'id'], name='forecast_run_latest')], 'pk_attr': 'id', 'table_description': "One training over one seller's history; nothing of other sellers goes into it."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ForecastArticle',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('entrepot.ForecastRun', source_field='run_id', db_constraint=True, to_field='id', related_name='articles', on_delete=OnDelete.CASCADE)),
                ('offer', fields.ForeignKeyField('entrepot.Offer', source_field='offer_id', db_constraint=True, to_field='id', related_name='forecasts', on_delete=OnDelete.CASCADE)),
                ('problem', fields.CharField(null=True, description='why there is no forecast', max_length=20)),
                ('method', fields.CharField(null=True, max_length=40)),
                ('beats_naive', fields.BooleanField(null=True, description='null: could not be checked')),
                ('history_weeks', fields.IntField()),
                ('folds', fields.SmallIntField(default=0, description='backtest origins that scored it')),
                ('rmsse', fields.FloatField(null=True, description='of the model')),
                ('rmsse_seasonal_naive', fields.FloatField(null=True)),
                ('rmsse_naive', fields.FloatField(null=True)),
                ('wape', fields.FloatField(null=True, description='of the model')),
                ('wape_seasonal_naive', fields.FloatField(null=True)),
            ],
            options={'table': 'forecast_article', 'app': 'entrepot', 'indexes': [Index(fields=['offer_id'], name='forecast_article_offer')], 'pk_attr': 'id', 'table_description': 'What a run says of one offer: the method served and how it was checked, or why nothing.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ForecastPoint',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('article', fields.ForeignKeyField('entrepot.ForecastArticle', source_field='article_id', db_constraint=True, to_field='id', related_name='points', on_delete=OnDelete.CASCADE)),
                ('week', fields.DateField(description='its Monday')),
                ('mean', fields.FloatField()),
                ('low', fields.FloatField()),
                ('median', fields.FloatField()),
                ('high', fields.FloatField()),
            ],
            options={'table': 'forecast_point', 'app': 'entrepot', 'pk_attr': 'id', 'table_description': 'Demand of one offer in one week ahead, in units; low and high are quantiles 0.1 and 0.9.'},
            bases=['Model'],
        ),
        ops.AddConstraint('ForecastRun', CheckConstraint(check='horizon BETWEEN 1 AND 52', name='forecast_run_horizon')),
        ops.AddConstraint('ForecastRun', CheckConstraint(check='data_from <= data_to', name='forecast_run_window')),
        ops.AddConstraint('ForecastArticle', UniqueConstraint(fields=('run_id', 'offer_id'), name='forecast_article_once')),
        ops.AddConstraint('ForecastArticle', CheckConstraint(check='(problem IS NULL) <> (method IS NULL)', name='forecast_article_outcome')),
        ops.AddConstraint('ForecastPoint', UniqueConstraint(fields=('article_id', 'week'), name='forecast_point_once')),
        ops.AddConstraint('ForecastPoint', CheckConstraint(check='0 <= low AND low <= median AND median <= high AND mean >= 0', name='forecast_point_order')),
    ]
