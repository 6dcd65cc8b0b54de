"""Exchange of event schemas with other systems, each with the list of what cannot be carried."""
