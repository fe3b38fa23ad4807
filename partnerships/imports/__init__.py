"""The layouts in which files come in, and what their rows mean."""
