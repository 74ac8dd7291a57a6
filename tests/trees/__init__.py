"""Work trees made and finished, with real git."""
