"""The tables of history are asked what happened since a moment (mirrors, ``changed_since``): their rows lie in the order
of time, so that a few kilobytes of index each tell where to begin."""

from django.db import migrations

EVENTS = """
    DO $$ DECLARE events text; BEGIN
        FOR events IN
            SELECT table_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name = 'pgh_created_at'
                AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = current_schema())
        LOOP
            EXECUTE format('{statement}', {names});
        END LOOP;
    END $$
"""
NAME = "'pgh_created_at_' || substr(md5(events), 1, 16)"


class Migration(migrations.Migration):
    dependencies = [("networks", "0002_network_labels"), ("partnerships", "0004_tokens")]

    operations = [
        migrations.RunSQL(
            EVENTS.format(
                statement="CREATE INDEX IF NOT EXISTS %I ON %I USING brin (pgh_created_at) WITH (pages_per_range = 32)",
                names=f"{NAME}, events",
            ),
            EVENTS.format(statement="DROP INDEX IF EXISTS %I", names=NAME),
        ),
    ]
