"""Coding agents (hosts): what they tell swarm by their hooks, and how they are answered."""
