"""Storage and compute behind small Protocols: `ports.py`, `embedded/` (one machine), later `google/`."""
