"""The ground floor: tools that know no model of the domain."""
