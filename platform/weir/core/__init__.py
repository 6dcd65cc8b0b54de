"""Time, names, hashes, errors and settings that every other part uses. No I/O, no Dagster."""
