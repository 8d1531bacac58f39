"""What people look at: maps, sheets and lists, drawn from view models. Knows nothing of how they came about."""
