"""Copies of a home at one snapshot, and homes made from them."""
