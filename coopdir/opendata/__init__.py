"""Open data: feeds, linked data, social cards, dumps, embeds, and the metadata that describe them to machines."""
