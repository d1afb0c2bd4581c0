from tortoise import migrations
from tortoise.migrations import operations as ops
from decimal import Decimal
from entrepot.platform.ids import new_id
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from entrepot.platform.migration_operations import Together

# Who cancelled and when was confirmed stands in the events of the last 30 days only.
WHO_ENDED_ORDERS = [
    """
UPDATE seller_order s SET confirmed_at = e.recorded_at
  FROM outbox_event e
 WHERE e.kind = 'OrderConfirmed' AND s.id = (e.payload->>'seller_order_id')::uuid
""",
    """
UPDATE seller_order s SET cancelled_by = e.payload->>'by'
  FROM outbox_event e
 WHERE e.kind = 'OrderCancelled' AND s.status = 'cancelled'
   AND s.id = (e.payload->>'seller_order_id')::uuid
""",
]
# Historic sales name a buyer by a text, not a company: they are nobody's purchases here.
PURCHASES = """
INSERT INTO company_purchase (id, company_id, product_id, times, last_at)
SELECT gen_random_uuid(), p.buyer_id, o.product_id, count(DISTINCT s.id), max(s.placed_at)
  FROM purchase_order p
  JOIN seller_order s ON s.order_id = p.id AND s.status <> 'cancelled'
  JOIN order_line l ON l.seller_order_id = s.id
  JOIN offer o ON o.id = l.offer_id
 GROUP BY p.buyer_id, o.product_id
"""


class Migration(migrations.Migration):
    dependencies = [('entrepot', '0003_professional_buying')]

    initial = False

    operations = [Together([
        ops.CreateModel(
            name='CompanyPurchase',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('company', fields.ForeignKeyField('entrepot.Company', source_field='company_id', db_constraint=True, to_field='id', related_name='purchases', on_delete=OnDelete.CASCADE)),
                ('product', fields.ForeignKeyField('entrepot.Product', source_field='product_id', db_constraint=True, to_field='id', related_name='purchases', on_delete=OnDelete.CASCADE)),
                ('times', fields.IntField(description='seller orders with it')),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'company_purchase', 'app': 'entrepot', 'constraints': [UniqueConstraint(fields=('company_id', 'product_id'), name='company_purchase_once'), CheckConstraint(check='times > 0', name='company_purchase_times')], 'pk_attr': 'id', 'table_description': 'How often a company has ordered a product, and when last.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OfferSignal',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('offer', fields.OneToOneField('entrepot.Offer', source_field='offer_id', db_constraint=True, to_field='id', related_name='signal', on_delete=OnDelete.CASCADE)),
                ('popularity', fields.SmallIntField(description='0 (hardly anybody) to 100, in steps of 5')),
                ('computed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'offer_signal', 'app': 'entrepot', 'constraints': [CheckConstraint(check='popularity BETWEEN 0 AND 100', name='offer_signal_popularity')], 'pk_attr': 'id', 'table_description': 'How sought-after an offer is; a row only for offers that anybody ordered lately.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SearchWord',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(description='synonym | replacement | stop_word | unit', max_length=20)),
                ('words', ArrayField(description='as the operator wrote them', element_type='TEXT')),
                ('means', ArrayField(default=list, element_type='TEXT')),
                ('updated_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'search_word', 'app': 'entrepot', 'constraints': [CheckConstraint(check="kind IN ('synonym','replacement','stop_word','unit')", name='search_word_kind'), CheckConstraint(check="cardinality(words) > 0 AND (kind <> 'synonym' OR cardinality(words) > 1) AND (kind IN ('synonym','stop_word')) = (cardinality(means) = 0)", name='search_word_words')], 'pk_attr': 'id', 'table_description': "One entry: words that mean the same, a word for another, a stop word, a unit's spelling."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SellerRating',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('seller', fields.OneToOneField('entrepot.Company', source_field='seller_id', db_constraint=True, to_field='id', related_name='rating', on_delete=OnDelete.CASCADE)),
                ('rating', fields.DecimalField(default=Decimal('0'), max_digits=3, decimal_places=2)),
                ('companies', fields.IntField(description='buying companies that it comes of')),
                ('computed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'seller_rating', 'app': 'entrepot', 'constraints': [CheckConstraint(check='rating BETWEEN 0 AND 5', name='seller_rating_range')], 'pk_attr': 'id', 'table_description': 'How reliably a seller delivers what is ordered: 0 to 5.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnmetQuery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('key', fields.CharField(description='the question folded, to count it', max_length=256)),
                ('text', fields.CharField(description='as it was last written', max_length=256)),
                ('company', fields.ForeignKeyField('entrepot.Company', source_field='company_id', db_constraint=True, to_field='id', related_name='unmet_queries', on_delete=OnDelete.CASCADE)),
                ('week', fields.DateField(description='its Monday, UTC')),
                ('searches', fields.IntField(default=1)),
                ('first_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('last_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unmet_query', 'app': 'entrepot', 'constraints': [UniqueConstraint(fields=('key', 'company_id', 'week'), name='unmet_query_once'), CheckConstraint(check="key <> '' AND searches > 0", name='unmet_query_counted')], 'indexes': [Index(fields=['company_id', 'first_at'], name='unmet_query_company'), Index(fields=['last_at'], name='unmet_query_last')], 'pk_attr': 'id', 'table_description': 'What a company looked for and did not find, counted; a row a question, company and week.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnmetDismissal',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('key', fields.CharField(unique=True, description='as `UnmetQuery.key`', max_length=256)),
                ('verdict', fields.CharField(description='done | spam', max_length=10)),
                ('dismissed_by', fields.ForeignKeyField('entrepot.User', source_field='dismissed_by_id', null=True, db_constraint=True, to_field='id', related_name='unmet_dismissals', on_delete=OnDelete.SET_NULL)),
                ('dismissed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unmet_dismissal', 'app': 'entrepot', 'constraints': [CheckConstraint(check="verdict IN ('done','spam')", name='unmet_dismissal_verdict')], 'pk_attr': 'id', 'table_description': 'What an operator said of a question: `done` until it is asked again, `spam` for good.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='SellerOrder',
            name='confirmed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SellerOrder',
            name='cancelled_by',
            field=fields.CharField(null=True, description='buyer | seller | marketplace', max_length=11),
        ),
        ops.RunSQL([
            'ALTER TABLE "company_purchase" ADD CONSTRAINT "company_purchase_once" UNIQUE ("company_id", "product_id")',
            'ALTER TABLE "company_purchase" ADD CONSTRAINT "company_purchase_times" CHECK (times > 0)',
            'ALTER TABLE "offer_signal" ADD CONSTRAINT "offer_signal_popularity" CHECK (popularity BETWEEN 0 AND 100)',
            'ALTER TABLE "search_word" ADD CONSTRAINT "search_word_kind" CHECK (kind IN (\'synonym\',\'replacement\',\'stop_word\',\'unit\'))',
            'ALTER TABLE "search_word" ADD CONSTRAINT "search_word_words" CHECK (cardinality(words) > 0 AND (kind <> \'synonym\' OR cardinality(words) > 1) AND (kind IN (\'synonym\',\'stop_word\')) = (cardinality(means) = 0))',
            'ALTER TABLE "seller_rating" ADD CONSTRAINT "seller_rating_range" CHECK (rating BETWEEN 0 AND 5)',
            'ALTER TABLE "unmet_dismissal" ADD CONSTRAINT "unmet_dismissal_verdict" CHECK (verdict IN (\'done\',\'spam\'))',
            'ALTER TABLE "unmet_query" ADD CONSTRAINT "unmet_query_once" UNIQUE ("key", "company_id", "week")',
            'ALTER TABLE "unmet_query" ADD CONSTRAINT "unmet_query_counted" CHECK (key <> \'\' AND searches > 0)',
        ]),
    ]), ops.RunSQL(WHO_ENDED_ORDERS), ops.RunSQL(PURCHASES)]
