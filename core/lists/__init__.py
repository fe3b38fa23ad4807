"""Lists that are searched, filtered, sorted and paged, and pages of records: tools that know no domain model."""
