"""The small facts swarm itself keeps: claims, sessions, intent files."""
