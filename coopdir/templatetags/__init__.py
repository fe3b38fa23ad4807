"""What the templates can ask for."""
