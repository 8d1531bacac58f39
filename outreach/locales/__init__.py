"""The catalogs, one ``.po`` file per area and language. ``python -m outreach.locales`` compiles them to ``.mo``."""
