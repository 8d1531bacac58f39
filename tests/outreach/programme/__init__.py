"""Tests of outreach/programme."""
