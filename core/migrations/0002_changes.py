"""What changed, for those who keep something in memory or in a cache; and the bitmaps of lists, kept from process to process.

`coopdir_change` is append-only: one row for each record touched, with the transaction that did it. A reader that knows the
database as of one snapshot finds what has become visible since, whatever the order of commits; a counter or a sequence
would either block writers or move before their rows can be seen.
"""

from django.db import migrations

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
    dependencies = [("coopdir", "0001_functions")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE coopdir_index; DROP TABLE coopdir_change")]
