"""How this city runs, as data: rules, calendar, clock and settings."""
