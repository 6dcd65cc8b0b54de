"""The docs say what the code does: names, examples, links, and nothing of the machine they were written on."""

import importlib.util
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import pytest

from weir.collect import answers, wire
from weir.collect.judging import Judging
from weir.collect.rules import Rules, rules_of
from weir.collect.verdict import ENVELOPE
from weir.core import errors
from weir.core.landing import COLUMNS
from weir.core.settings import Settings
from weir.registry import compile_event, load

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("examples/*/README.md")])
NOW = datetime(2026, 11, 21, 5, 40)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(name: str) -> str:
    return (DOCS / name).read_text()


def test_the_generated_pages_are_current(generator: ModuleType) -> None:
    stale: list[str] = []
    assert generator.main(["--check"], stale.append) == 0, f"run docs/generate.py: {stale}"


def test_every_command_is_in_a_guide_or_the_tutorial(generator: ModuleType) -> None:
    from weir.cli.main import COMMANDS

    told = "".join(path.read_text() for path in [*DOCS.glob("guides/*"), *DOCS.glob("tutorial/*")])
    told += (ROOT / "CHANGELOG.md").read_text()
    assert [
        name for name in COMMANDS if f"weir {name}" not in told and f"make {name}" not in told
    ] == []


def test_every_command_and_option_is_in_the_reference(generator: ModuleType) -> None:
    text = page("reference/commands.md")
    for path, command in generator.walk(generator.get_command(generator.app), "weir"):
        assert f"# {path}\n" in text
        assert [
            o for p in command.params for o in p.opts if o.startswith("--") and o not in text
        ] in (
            [],
            ["--help"],
        )


def test_every_setting_is_named_with_its_variable() -> None:
    text = page("reference/settings.md")
    assert [n for n in Settings.model_fields if f"`WEIR_{n.upper()}`" not in text] == []


def test_every_wire_field_and_landed_column_is_described() -> None:
    wire_part, landed = page("reference/events.md").split("## Landed")
    assert [name for name in ENVELOPE if f"| `{name}` |" not in wire_part] == []
    assert [name for name in COLUMNS if f"`{name}`" not in landed] == []


def test_every_asset_is_in_the_reference() -> None:
    text = page("reference/assets.md")
    models = list((ROOT / "dbt" / "models").rglob("*.sql"))
    assert models
    assert [p for p in models if f"`{p.parent.name}/{p.stem}`" not in text] == []


def test_every_rule_code_and_error_is_in_the_reference() -> None:
    text = page("reference/errors.md")
    source = "".join(p.read_text() for p in (ROOT / "platform" / "weir" / "collect").glob("*.py"))
    codes = set(re.findall(r"Refusal\(\s*\d+,\s*\"(\w+)\"", source))
    rules = set(re.findall(r"Violation\(\s*\"[^\"]*\",\s*\"(\w+)\"", source))
    tree = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.WeirError)
    }
    assert len(codes) > 5
    assert len(rules) > 5
    assert sorted(name for name in codes | rules | tree if f"`{name}`" not in text) == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    text = page("decisions/0002-dependencies.md")
    names = {re.split(r"[\[<>=~ ]", one)[0] for group in groups for one in group}
    assert sorted(name for name in names if f"| `{name}` |" not in text) == []


def test_every_decision_is_listed() -> None:
    listed = page("decisions/index.md")
    site = (ROOT / "mkdocs.yml").read_text()
    found = sorted(DOCS.glob("decisions/0*.md"))
    assert [p.name for p in found if p.name not in listed or p.name not in site] == []
    for path in found:
        sections = re.findall(r"^## (\w+)", path.read_text(), re.M)
        assert sections[:3] == ["Context", "Decision", "Consequences"], path.name


def examples() -> Iterator[tuple[str, bytes, str]]:
    """Each curl command of the guides with the answer below it: route, body, answer."""
    block = re.compile(r"```sh\ncurl -s \S+(/v1/\w+) -d '(.*?)'\n```\n\n```json\n(.*?)\n?```", re.S)
    for guide in ("guides/collect.md", "guides/producers.md"):
        for route, body, answer in block.findall(page(guide)):
            yield route, body.encode(), answer


@pytest.fixture(scope="module")
def rules() -> Rules:
    known = load(ROOT / "assets" / "events")
    day = date(2026, 11, 20)
    return rules_of(
        known.events, lambda name: compile_event(known.events[name]), day, known.dictionary
    )


@pytest.mark.parametrize(("route", "body", "answer"), list(examples()))
def test_the_collector_answers_what_the_guide_shows(
    rules: Rules, route: str, body: bytes, answer: str
) -> None:
    judging = Judging(
        rules, NOW, lambda: "assigned", Settings.model_fields["max_event_bytes"].default
    )
    try:
        records = (
            wire.single(body, judging) if route == "/v1/events" else wire.batch(body, b"", judging)
        )
        given = answers.results(records)[0]
    except wire.Refusal as refusal:
        given = answers.error(refusal)
    assert json.loads(answer) == json.loads(given)


def test_the_guide_has_examples() -> None:
    assert len(list(examples())) >= 6


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text()), target


def text_files() -> Iterator[tuple[Path, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    for name in filter(None, listed.split("\0")):
        try:
            yield ROOT / name, (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Paths of one machine and addresses of package indexes do not belong into a repository."""
    hosts = ["pypi" + r"\.org", "python" + "hosted", "proxy" + r"\.golang", "registry" + r"\.npmjs"]
    paths = ["/wo" + "rk/", "/ro" + "ot/", r"/ho" + r"me/[a-z]", "/Us" + "ers/", "/tm" + "p/w/"]
    wrong = re.compile("|".join([*hosts, *(rf"(?<![\w.]){p}" for p in paths)]))
    found = [(str(p.relative_to(ROOT)), m[0]) for p, t in text_files() if (m := wrong.search(t))]
    assert found == []


def test_the_readme_shows_what_the_demo_prints() -> None:
    text = (ROOT / "README.md").read_text()
    start, end = text.index("<!-- demo:start -->"), text.index("<!-- demo:end -->")
    shown = [line for line in text[start:end].splitlines()[1:] if line and "```" not in line]
    assert len(shown) >= 10, "paste what `make demo` prints"
