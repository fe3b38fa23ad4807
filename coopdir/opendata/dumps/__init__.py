"""The whole directory as files."""
