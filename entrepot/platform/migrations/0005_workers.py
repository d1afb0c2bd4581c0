from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

QUEUE_INDEXES = """
CREATE INDEX outbox_delivery_unsent ON outbox_delivery (id)
    WHERE done_at IS NULL AND dead_at IS NULL AND enqueued_at IS NULL;
CREATE INDEX outbox_delivery_dead ON outbox_delivery (id) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_event_recorded ON outbox_event (recorded_at);
"""


class Migration(migrations.Migration):
    dependencies = [('entrepot', '0004_identity')]

    initial = False

    operations = [
        ops.CreateModel(
            name='JobRun',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=60)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'job_run', 'app': 'entrepot', 'pk_attr': 'id', 'table_description': 'A scheduled job at one of its times; the row is what makes it happen once.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='OutboxDelivery',
            name='due_at',
            field=fields.DatetimeField(null=True, description='not before; set by a failed attempt', auto_now=False, auto_now_add=False),
        ),
        ops.AddConstraint('JobRun', UniqueConstraint(fields=('name', 'due_at'), name='job_run_once')),
        ops.RunSQL(
            QUEUE_INDEXES,
            reverse_sql="DROP INDEX outbox_delivery_unsent, outbox_delivery_dead,"
            " outbox_event_recorded",
        ),
    ]
