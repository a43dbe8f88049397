"""What the grid knows and decides: services, their store, and pure rules. Knows no web framework."""
