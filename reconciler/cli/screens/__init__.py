"""What a person sees: pure functions from a View to text. See docs/reference/screens.md."""
