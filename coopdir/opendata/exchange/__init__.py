"""Exchange with other directories: IATI and Wikidata."""
