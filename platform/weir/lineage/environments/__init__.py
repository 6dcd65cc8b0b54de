"""Environments: what one shows of production, what differs in it, and what may be promoted. Pure."""
