"""Tests of outreach/terminal."""
