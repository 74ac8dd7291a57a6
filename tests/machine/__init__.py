"""A repository to which anything may happen, and what a pass from an empty cache says of it."""
