"""What assets and sensors reach outside for. The only place of a project that reads the environment."""
