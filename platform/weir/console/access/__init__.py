"""Who may use the console: people with roles, their tokens, and the sessions that they have open."""

from weir.console.access.people import People, Person
from weir.console.access.roles import Role
from weir.console.access.sessions import Session, Sessions

__all__ = ["People", "Person", "Role", "Session", "Sessions"]
