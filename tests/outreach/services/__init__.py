"""Tests of outreach/services."""
