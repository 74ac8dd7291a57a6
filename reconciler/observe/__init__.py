"""Reads documents and git; never decides."""
