"""What people may do: four roles, each of which may do what those before it may."""

from __future__ import annotations

from enum import StrEnum

from weir.core.errors import InvalidValue


class Role(StrEnum):
    """A person's role.

    `viewer` reads; `editor` changes events and drafts; `operator` builds, repairs and replays; `admin`
    manages people, tokens and settings.
    """

    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"
    ADMIN = "admin"

    @classmethod
    def of(cls, text: str) -> Role:
        """Return a role by its name.

        Raises:
            InvalidValue: if there is no such role.
        """
        if text not in set(cls):
            raise InvalidValue("role", text, cls)
        return cls(text)

    def may(self, needed: Role) -> bool:
        """Tell whether this role includes another.

        >>> Role.OPERATOR.may(Role.EDITOR), Role.VIEWER.may(Role.EDITOR)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)
