"""Days proven optimal: columns, cuts, lists of routes, branches; docs/solver.md has the mathematics."""
