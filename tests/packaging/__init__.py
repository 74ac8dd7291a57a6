"""The package as it is installed: what it holds, what it imports."""
