"""What is derived becomes files: their shape, and how they get into place."""
