"""What a resident asked for: intake, privacy, addresses. Knows nothing of routes, maps or the programme."""
