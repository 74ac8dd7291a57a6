"""Installing into agent hosts."""
