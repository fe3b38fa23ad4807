"""The strict base of every import layout: its columns, and how its rows find, make and change records.

A layout is a django-import-export ``Resource``: its columns are that library's fields with a meaning and an example,
export and the admin's pages are that library's. Importing is ours: rows are looked up in dictionaries and written in
bulk, so that the number of queries does not grow with the number of rows.
"""

from .row_decisions import RowDecisions
from .row_export import RowExport
from .row_writing import RowWriting


class StrictResource(RowDecisions, RowWriting, RowExport):
    """A layout whose every row ends as created, updated, unchanged, duplicate or refused with reasons."""
