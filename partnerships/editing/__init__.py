"""How an agreement or another record is written."""
