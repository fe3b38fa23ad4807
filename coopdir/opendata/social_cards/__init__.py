"""Pictures of records, for social networks."""
