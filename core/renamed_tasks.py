"""Former names of tasks whose modules moved: a task queued under one of them is still run.

A task that waits is kept in the database by the dotted name of its function, and a new release may find some of an
older one. Whoever moves or renames a task leaves a line here; it may go two releases later.
"""

RENAMED = {
    "coopdir.imports.batches.work": "core.imports.jobs.work",
    "core.imports.batches.work": "core.imports.jobs.work",
    "coopdir.listing.making.make": "core.lists.export_jobs.make",
}


def current_task_path(path: str) -> str:
    """The name that a task has now."""
    return RENAMED.get(path, path)


def all_names(path: str) -> list[str]:
    """The name that a task has now, and those that it had."""
    return [path, *(old for old, new in RENAMED.items() if new == path)]
