"""Whole passes over the histories of fixtures/."""
