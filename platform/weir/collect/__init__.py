"""The event server: validation at the edge, the durable spool. Sealing into the lake is elsewhere."""
