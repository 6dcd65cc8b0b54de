"""What is generated compiles, and carries every value as the collector wants it."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from tests.registry.types.conftest import event, registry_of
from weir.registry import Registry, compile_event, load
from weir.registry.types import LANGUAGES, generated, resolve, write

ROOT = Path(__file__).resolve().parents[3]
CORPUS = 80  # of 660 published schemas; all of them in the slow test


def make(registry: Registry, lang: str, folder: Path) -> Path:
    every = [name for name, one in registry.events.items() if one.status != "draft"]
    write(generated(registry, resolve(registry, None, lang, "g 1", every).lock), folder)
    return folder


def run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[:3000]
    return done.stdout


def mypy(package: str, cwd: Path) -> None:
    flags = ["--strict", "--config-file=", "--cache-dir", str(cwd / "cache")]
    run([sys.executable, "-m", "mypy", *flags, "-p", package], cwd)


@pytest.fixture(scope="session")
def published(shared: Path) -> Registry:
    """Published event schemas (iglu) as events."""
    import tarfile

    events = []
    with tarfile.open(shared / "data" / "schemas" / "iglu_schemas.tar.gz") as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            try:
                schema = json.loads(file.read()) if file else None
            except ValueError:
                continue
            if isinstance(schema, dict) and ("properties" in schema or schema.get("type")):
                events.append(event(f"send_s{len(events)}_corpus", schema))
    assert len(events) > 600
    return registry_of(*events)


def some(registry: Registry, count: int) -> Registry:
    names = list(registry.events)
    return registry_of(*(registry.get(n) for n in names[:: max(1, len(names) // count)]))


@pytest.fixture
def imported(tmp_path: Path, awkward: Registry, bundle: None) -> Iterator[ModuleType]:
    make(awkward, "python", tmp_path / "weir_made")
    sys.path.insert(0, str(tmp_path))
    yield importlib.import_module("weir_made")
    sys.path.remove(str(tmp_path))
    for name in [n for n in sys.modules if n.split(".")[0] == "weir_made"]:
        del sys.modules[name]


def test_python_passes_mypy_strict(tmp_path: Path, awkward: Registry, bundle: None) -> None:
    make(awkward, "python", tmp_path / "made")
    (tmp_path / "app.py").write_text(
        "from made import ClickItemHome, Event, click_item_home\n"
        "event: Event = click_item_home(ClickItemHome(n=1), user_id='u1')\n"
        "click_item_home(ClickItemHome(n='1'))  # type: ignore[arg-type]\n"
        "click_item_home(ClickItemHome(n=1), colour='red')  # type: ignore[call-arg]\n"
    )
    mypy("made", tmp_path)
    flags = ["--strict", "--config-file=", "--warn-unused-ignores"]
    run([sys.executable, "-m", "mypy", *flags, "app.py"], tmp_path)


def test_typescript_passes_tsc_strict(tmp_path: Path, awkward: Registry, tsc: list[str]) -> None:
    make(awkward, "typescript", tmp_path / "made")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "app.ts").write_text(
        'import { clickItemHome, type Event } from "./made/index.js";\n'
        'const event: Event = clickItemHome({ n: 1 }, { user_id: "u1" });\n'
        "console.log(event);\n"
        '// @ts-expect-error: n is a number\nclickItemHome({ n: "1" });\n'
        "// @ts-expect-error: n is required\nclickItemHome({});\n"
        '// @ts-expect-error: nobody declared it\nclickItemHome({ n: 1, colour: "red" });\n'
        '// @ts-expect-error: no such field\nclickItemHome({ n: 1 }, { colour: "red" });\n'
    )
    run([*tsc, "app.ts"], tmp_path)


def test_the_generated_event_is_what_both_clients_take(tmp_path: Path, tsc: list[str]) -> None:
    registry = load(ROOT / "assets" / "events")
    make(registry, "typescript", tmp_path / "made")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    source = (ROOT / "clients" / "typescript" / "src" / "types.ts").as_posix()
    (tmp_path / "app.ts").write_text(
        f'import type {{ EventInput }} from "{source}";\n'
        'import { purchaseItemShop } from "./made/index.js";\n'
        "export const event: EventInput = purchaseItemShop({ quantity: 1, price: 2 });\n"
    )
    run([*tsc, "--allowImportingTsExtensions", "app.ts"], tmp_path)
    make(registry, "python", tmp_path / "made_events")
    (tmp_path / "app.py").write_text(
        "from made_events import PurchaseItemShop, purchase_item_shop\n"
        "from weir_client import Client\n\n\n"
        "def send(client: Client) -> str:\n"
        "    return client.track(purchase_item_shop(PurchaseItemShop(quantity=1, price=2.0)))\n"
    )
    flags = ["--strict", "--config-file=", "app.py"]
    environment = {**os.environ, "MYPYPATH": str(ROOT / "clients" / "python" / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *flags],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_python_carries_every_example_of_the_registry(tmp_path: Path, bundle: None) -> None:
    registry = load(ROOT / "assets" / "events")
    make(registry, "python", tmp_path / "weir_examples")
    sys.path.insert(0, str(tmp_path))
    try:
        made = importlib.import_module("weir_examples")
    finally:
        sys.path.remove(str(tmp_path))
    tried = 0
    for name, one in registry.events.items():
        kind = getattr(made, "".join(part.title() for part in name.split("_")))
        for example in one.versions[one.newest].get("examples", ()):
            sent = getattr(made, name)(kind.from_dict(example), user_id="u1")
            assert sent == {
                "name": name, "version": one.newest, "params": example, "user_id": "u1",
            }  # fmt: skip
            assert compile_event(one).violations(one.newest, sent["params"]) == []
            tried += 1
    assert tried >= len(registry.events)


def test_awkward_values_come_out_of_python_as_they_went_in(
    imported: ModuleType, awkward: Registry
) -> None:
    value = {
        "id": "i", "list": "l", "nullable": None, "None": "n", "self": "s", "class": "c",
        "to_dict": "t", "from_str": 1, "result": 2, "dict": 3, "": "e", "2nd": "2", "a b": "ab",
        "a_b": 4, "ünïcode-key": "ü", "object_or_null": {"x": 1.5}, "several": True,
        "anything": [1, {"x": None}], "list_of_anything": [1, "a", None], "free": {"k": [1]},
        "empty": {}, "counts": {"a": 1}, "word": "a-b", "same_word": "é", "mixed": "x",
        "constant": "web", "grid": [[{"v": 1}], []], "merged": {"p": "p", "q": 1.5},
        "choice": "text", "number_enum": 2,
    }  # fmt: skip
    assert imported.OpenApiUrl.from_dict(value).to_dict() == value
    schema = awkward.get("open_api_url").versions[1]
    assert set(value) <= set(schema["properties"])


def test_a_required_null_is_sent_and_an_optional_one_left_out(imported: ModuleType) -> None:
    params = imported.OpenApiUrl(id="i", open_api_url_list="l", nullable=None)
    assert params.to_dict() == {"id": "i", "list": "l", "nullable": None}


def test_a_value_of_the_wrong_type_is_refused_before_it_is_sent(imported: ModuleType) -> None:
    with pytest.raises(AssertionError):
        imported.click_item_home(imported.ClickItemHome(n="1"))


@pytest.mark.parametrize("lang", list(LANGUAGES))
def test_every_type_has_a_name_of_its_own(
    tmp_path: Path, awkward: Registry, bundle: None, lang: str
) -> None:
    make(awkward, lang, tmp_path)
    texts = "\n".join(
        p.read_text() for p in tmp_path.iterdir() if p.suffix in (".ts", ".py", ".kt", ".swift")
    )
    kinds = r"^(?:export |public |final |data |sealed |@dataclass\n)*(?:interface|type|enum class|class|enum|struct) (\w+)"
    names = re.findall(kinds, texts, re.M)
    assert "Qz" not in texts, "a placeholder was left"
    assert len(names) > 12
    assert sorted(names) == sorted(set(names))
    assert {"OpenApiUrl", "CloseApiUrl", "OpenApiUrlMerged"} <= set(names)


def test_published_schemas_make_python_that_passes(
    tmp_path: Path, published: Registry, bundle: None
) -> None:
    make(some(published, CORPUS), "python", tmp_path / "made")
    mypy("made", tmp_path)


def test_published_schemas_make_typescript_that_passes(
    tmp_path: Path, published: Registry, tsc: list[str]
) -> None:
    make(some(published, CORPUS), "typescript", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run([*tsc, "index.ts"], tmp_path)


@pytest.mark.slow
def test_all_published_schemas_make_code_that_passes(
    tmp_path: Path, published: Registry, tsc: list[str]
) -> None:
    make(published, "python", tmp_path / "made")
    mypy("made", tmp_path)
    make(published, "typescript", tmp_path / "ts")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run([*tsc, "ts/index.ts"], tmp_path)


def kotlin_command() -> list[str]:
    """The Kotlin compiler: one that is installed, or the one inside PyPI's Kotlin kernel."""
    kernel = find_spec("run_kotlin_kernel")
    if shutil.which("java") is None or kernel is None or kernel.origin is None:
        pytest.skip(
            "no Kotlin compiler with kotlinx.serialization: install Java, and"
            " `pip install --no-deps kotlin-jupyter-kernel`"
        )
    jars = sorted((Path(kernel.origin).parent / "jars").glob("*.jar"))
    wanted = ("kotlin-stdlib", "kotlinx-serialization")
    classes = os.pathsep.join(str(j) for j in jars if j.name.startswith(wanted))
    every = os.pathsep.join(str(j) for j in jars)
    compiler = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler"
    return ["java", "-cp", every, compiler, "-no-stdlib", "-no-reflect", "-nowarn", "-cp", classes]


def test_kotlin_compiles(tmp_path: Path, awkward: Registry, bundle: None) -> None:
    make(awkward, "kotlin", tmp_path / "made")
    files = [str(p) for p in sorted(tmp_path.glob("made/*.kt"))]
    run([*kotlin_command(), "-d", str(tmp_path / "out"), *files], tmp_path)


@pytest.mark.parametrize(("lang", "suffix"), [("swift", ".swift"), ("kotlin", ".kt")])
def test_the_grammar_is_right(
    tmp_path: Path, awkward: Registry, bundle: None, lang: str, suffix: str
) -> None:
    """The parse tree of a tree-sitter grammar has no error: syntax only, no types."""
    tree_sitter = pytest.importorskip("tree_sitter", reason="pip install tree-sitter")
    package = f"tree_sitter_{lang}"
    grammar = pytest.importorskip(package, reason=f"pip install {package}")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    make(awkward, lang, tmp_path)
    files = sorted(tmp_path.glob(f"*{suffix}"))
    assert len(files) >= 5
    assert [f.name for f in files if parser.parse(f.read_bytes()).root_node.has_error] == []
    broken = files[0].read_bytes() + b"\nfunc {{{"
    assert parser.parse(broken).root_node.has_error, "the grammar must notice"
