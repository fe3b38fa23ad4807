"""Package `core`: the lowest layer, tools that know no model of the domain."""
