"""Two editors with a clone each, who edit, save, push and pull in any order: no update is lost."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from weir.core.errors import EditConflict

V1 = "shop/view_item_shop/v1.json"
WISHES = "wishes"
PLACES = ("item_id", "size")

EDITS = st.tuples(
    st.sampled_from(["ada", "bob"]),
    st.sampled_from(["edit", "edit", "save", "save", "pull", "mine"]),
    st.sampled_from(PLACES),
    st.integers(1, 3),
)


@dataclass
class Editor:
    """A clone; what its folder has at each place, where it started, and what it saved there last."""

    world: Any
    folder: dict[str, str]
    start: dict[str, str]
    saved: dict[str, str] = field(default_factory=dict)

    def edit(self, place: str, words: str) -> None:
        path = self.world.events / V1
        value = json.loads(path.read_text())
        value["properties"][place]["description"] = words
        path.write_text(json.dumps(value))
        self.folder[place] = words


def words(world: Any, ref: str) -> dict[str, str]:
    properties = world.at(ref)["properties"]
    return {place: properties[place]["description"] for place in PLACES}


def forbidden(editor: Editor, tip: dict[str, str]) -> list[str]:
    """The places at which a save would overwrite what its editor never saw: the oracle."""
    return [
        place
        for place, mine in editor.folder.items()
        if mine != editor.start[place]
        and tip[place] not in (mine, editor.start[place], editor.saved.get(place))
    ]


def save(editor: Editor, tip: dict[str, str], *, take: bool) -> dict[str, str]:
    """Save, and return what the branch has to hold then."""
    conflicts = conflicts_of(editor, {})
    told = sorted(conflict.pointer.split("/")[2] for conflict in conflicts)
    assert told == sorted(forbidden(editor, tip))
    if conflicts and not take:
        return tip
    if conflicts:
        assert conflicts_of(editor, {conflict.id: "mine" for conflict in conflicts}) == []
    edited = {p: v for p, v in editor.folder.items() if v != editor.start[p]}
    editor.saved = dict(editor.folder)
    return {**tip, **edited}


def conflicts_of(editor: Editor, resolutions: dict[str, str]) -> list[Any]:
    try:
        editor.world.save(branch=WISHES, push=True, resolutions=resolutions)
    except EditConflict as error:
        return list(error.conflicts)
    return []


@given(steps=st.lists(EDITS, min_size=4, max_size=10))
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a failure has ten steps at most
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_two_editors_in_any_order_lose_nothing(world, remote, clone, steps):
    spot = Path(tempfile.mkdtemp(dir=remote.parent))
    try:
        run(world, remote, spot, steps)
    finally:
        shutil.rmtree(spot)


def run(world: Any, remote: Path, spot: Path, steps: list[Any]) -> None:
    bare = spot / "origin.git"
    shutil.copytree(remote, bare)
    editors = {name: editor(world, bare, spot / name) for name in ("ada", "bob")}
    tip = words(world, "main")
    for name, what, place, number in steps:
        one = editors[name]
        if what == "edit":
            one.edit(place, f"{name} {number}.")
        elif what == "pull":
            one.world.git("fetch", "--quiet", "origin")
        else:
            tip = save(one, tip, take=what == "mine")
        if one.world.git("ls-remote", "origin", WISHES):
            one.world.git("fetch", "--quiet", "origin", WISHES)
            assert words(one.world, "FETCH_HEAD") == tip


def editor(world: Any, bare: Path, folder: Path) -> Editor:
    world.git("clone", "--quiet", str(bare), str(folder), cwd=bare.parent)
    made = type(world)(world.settings.model_copy(update={"project": folder}), world.environment)
    start = words(made, "HEAD")
    return Editor(made, dict(start), start)
