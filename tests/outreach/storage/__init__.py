"""Tests of outreach/storage."""
