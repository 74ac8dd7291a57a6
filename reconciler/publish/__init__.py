"""Writes what was derived; never decides."""
