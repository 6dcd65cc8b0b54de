"""What is wrong with events, in groups and single; and their replay once it was mended."""

from fastapi import APIRouter

from weir.console.pages.quarantine import looking, replaying

router = APIRouter()
for _part in (looking, replaying):
    router.include_router(_part.router)

__all__ = ["router"]
