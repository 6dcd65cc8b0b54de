"""Saves event files: to a branch and commit of the project's repository, or in place without git."""
