"""The documentation, generated where it can be and run where it shows a terminal."""
