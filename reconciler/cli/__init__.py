"""The command line: parses, prints, maps errors to exit codes."""
