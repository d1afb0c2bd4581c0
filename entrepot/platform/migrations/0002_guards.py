"""Guards that models cannot express: the ledger's rules and the queues' indexes."""

from tortoise import migrations
from tortoise.migrations import operations as ops

LEDGER_APPEND_ONLY = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: reverse the transaction instead'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_posting_append_only
    BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_transaction_append_only
    BEFORE UPDATE OR DELETE ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_posting_no_truncate
    BEFORE TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
"""

LEDGER_ZERO_SUM = """
CREATE FUNCTION ledger_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    strangers integer;
BEGIN
    SELECT coalesce(sum(p.amount_minor), 0),
           count(*) FILTER (WHERE a.currency <> t.currency)
      INTO total, strangers
      FROM ledger_posting p
      JOIN ledger_account a ON a.id = p.account_id
      JOIN ledger_transaction t ON t.id = p.transaction_id
     WHERE p.transaction_id = NEW.transaction_id;
    IF total <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % sums to %, not zero', NEW.transaction_id, total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF strangers > 0 THEN
        RAISE EXCEPTION 'ledger transaction % mixes currencies', NEW.transaction_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_posting_zero_sum
    AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_zero_sum();
"""

QUEUE_INDEXES = """
CREATE INDEX outbox_event_unrelayed ON outbox_event (id) WHERE relayed_at IS NULL;
CREATE INDEX outbox_delivery_pending ON outbox_delivery (consumer, id)
    WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_delivery_unsent ON outbox_delivery (id)
    WHERE done_at IS NULL AND dead_at IS NULL AND enqueued_at IS NULL;
CREATE INDEX outbox_delivery_dead ON outbox_delivery (id) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_event_recorded ON outbox_event (recorded_at);
CREATE INDEX product_number_key ON product (number_key);
CREATE INDEX product_gtins ON product USING gin (gtins);
CREATE INDEX category_parent ON category (parent_id);
CREATE INDEX product_category ON product (category_id);
"""


class Migration(migrations.Migration):
    dependencies = [("entrepot", "0001_initial")]

    operations = [
        ops.RunSQL(LEDGER_APPEND_ONLY, reverse_sql="DROP FUNCTION ledger_append_only CASCADE"),
        ops.RunSQL(LEDGER_ZERO_SUM, reverse_sql="DROP FUNCTION ledger_zero_sum CASCADE"),
        ops.RunSQL(
            QUEUE_INDEXES,
            reverse_sql="DROP INDEX outbox_event_unrelayed, outbox_delivery_pending,"
            " outbox_delivery_unsent, outbox_delivery_dead, outbox_event_recorded,"
            " product_number_key, product_gtins, category_parent, product_category",
        ),
    ]
