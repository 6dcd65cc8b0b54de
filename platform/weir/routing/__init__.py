"""Routing: which documents go where, and with what probability."""
