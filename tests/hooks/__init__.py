"""Tests of the git hooks."""
