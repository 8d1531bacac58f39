"""Measures the product: generated days, and what solving them costs."""
