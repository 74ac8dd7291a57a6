"""Pure: values in, values out. No clock, no environment, no files."""
