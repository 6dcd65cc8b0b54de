"""Settings: people, producers' tokens, environments, what is in force, and health."""

from fastapi import APIRouter

from weir.console.pages.settings import home, people, tokens

router = APIRouter(prefix="/settings")
for _part in (people, tokens, home):
    router.include_router(_part.router)

__all__ = ["router"]
