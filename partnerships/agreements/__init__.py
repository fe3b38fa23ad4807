"""Lists of agreements: filters, facets, cards, JSON, the map."""
