"""Throw-away repositories with real git: the replay of written histories, and the world that the demo shows."""
