"""Readers of registries and todo files that people leave, and the plan that turns them into intent files."""
