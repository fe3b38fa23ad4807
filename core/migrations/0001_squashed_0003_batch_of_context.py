"""What the tables of every app are built on: SQL functions (names, partial dates, public references), the table of changes
and that of indexes, in place of 0001 to 0003."""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations

from core.text import normalise_function_sql

# A date as precise as it is known: 1986, 1986-05 or 1986-05-24, and a day that exists. make_date() is called
# on the first of a month only, which cannot fail.
IS_PARTIAL_DATE = """
CREATE OR REPLACE FUNCTION coopdir_is_partial_date(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $function$
    SELECT CASE
        WHEN value !~ '^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$' THEN false
        WHEN length(value) < 10 THEN true
        ELSE right(value, 2)::integer <= extract(day FROM
            make_date(left(value, 4)::integer, substr(value, 6, 2)::integer, 1)
            + interval '1 month' - interval '1 day')
    END
$function$"""

# Two partial dates are in order unless what both of them know says otherwise: 1989-05 then 1989 may well be.
IN_ORDER = """
CREATE OR REPLACE FUNCTION coopdir_in_order(first text, second text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT coalesce(left(first, length(second)) COLLATE "C" <= left(second, length(first)) COLLATE "C", true)
$function$"""

# The kinds of record that have a public reference: agreement, town, organisation, network, support body,
# milestone, source, import batch, claim, web link.
REFERENCE_PREFIXES = "ATONBMSICL"
CREATE_SEQUENCES = [f"CREATE SEQUENCE coopdir_reference_{prefix.lower()}" for prefix in REFERENCE_PREFIXES]
DROP_SEQUENCES = [f"DROP SEQUENCE coopdir_reference_{prefix.lower()}" for prefix in REFERENCE_PREFIXES]

NEW_REFERENCE = """
CREATE OR REPLACE FUNCTION coopdir_new_reference(prefix text) RETURNS text
LANGUAGE sql VOLATILE STRICT AS $function$
    SELECT prefix || nextval(('coopdir_reference_' || lower(prefix COLLATE "C"))::regclass)
$function$"""

# For an import that brings its own references. It never goes back; highest below 1 does nothing.
KEEP_REFERENCE_AHEAD = """
CREATE OR REPLACE FUNCTION coopdir_keep_reference_ahead(prefix text, highest bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT AS $function$
    SELECT setval(sequence, highest)
    FROM (SELECT ('coopdir_reference_' || lower(prefix COLLATE "C"))::regclass AS sequence) AS of_prefix
    WHERE highest > coalesce(pg_sequence_last_value(sequence), 0)
$function$"""

# `coopdir_change` is append-only: one row for each record touched, with the transaction that did it. A reader that knows the
# database as of one snapshot finds what has become visible since, whatever the order of commits; a counter or a sequence
# would either block writers or move before their rows can be seen.
CREATE = """
CREATE TABLE coopdir_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    subject text NOT NULL,
    record bigint NOT NULL
);
COMMENT ON COLUMN coopdir_change.record IS 'Primary key of the record, 0 for all of them.';
CREATE INDEX coopdir_change_xid ON coopdir_change (xid);
CREATE TABLE coopdir_index (
    subject text PRIMARY KEY,
    snapshot pg_snapshot NOT NULL,
    own_xid xid8,
    own_last bigint NOT NULL,
    horizon xid8 NOT NULL,
    day date NOT NULL,
    payload bytea NOT NULL
);
COMMENT ON COLUMN coopdir_index.own_xid IS 'The transaction that wrote the row, if the index holds its changes.';
COMMENT ON COLUMN coopdir_index.own_last IS 'The last change of that transaction that the index holds.';
COMMENT ON COLUMN coopdir_index.horizon IS 'Changes of earlier transactions are not kept any more.';
"""


class Migration(migrations.Migration):
    replaces = [
        ("coopdir", "0001_functions"),
        ("coopdir", "0002_changes"),
        ("coopdir", "0003_batch_of_context"),
    ]
    initial = True

    dependencies = [("pghistory", "0007_auto_20250421_0444")]

    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(normalise_function_sql(), "DROP FUNCTION coopdir_normalise(text)"),
        migrations.RunSQL(IS_PARTIAL_DATE, "DROP FUNCTION coopdir_is_partial_date(text)"),
        migrations.RunSQL(IN_ORDER, "DROP FUNCTION coopdir_in_order(text, text)"),
        migrations.RunSQL(CREATE_SEQUENCES, DROP_SEQUENCES),
        migrations.RunSQL(NEW_REFERENCE, "DROP FUNCTION coopdir_new_reference(text)"),
        migrations.RunSQL(KEEP_REFERENCE_AHEAD, "DROP FUNCTION coopdir_keep_reference_ahead(text, bigint)"),
        migrations.RunSQL(CREATE, "DROP TABLE coopdir_index; DROP TABLE coopdir_change"),
        # Which changes did an import make? History keeps the batch among a context's metadata.
        migrations.RunSQL(
            "CREATE INDEX coopdir_context_batch ON pghistory_context ((metadata ->> 'batch'))",
            "DROP INDEX coopdir_context_batch",
        ),
    ]
