"""Alerts: who is told of what went wrong, by which channel."""
