"""One HTML page of an activation layer: charts, the matrix and the figures, without a network.

The page holds its scripts, styles and data; a policy in its head forbids it to load anything. All
text that comes from data is escaped, in the markup and in the JSON that the charts read. How it gets
to the disk: `report`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

import orjson
import pandas as pd
import vl_convert

from weir.activation import charts, words
from weir.activation.analysis import NOT_SEEN, STATES, Analysis
from weir.activation.charts import Spec
from weir.activation.decomposition import records

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline' 'unsafe-eval'"  # Vega compiles its expressions
)
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
$body
<script>(() => {$script})();</script>
</body>
</html>
""")


def page(seen: Analysis) -> str:
    """Return the page of a look at a layer."""
    title = words.title(seen)
    body = "\n".join(_body(seen))
    return _PAGE.substitute(
        policy=_POLICY,
        title=escape(title),
        style=_file("page.css"),
        body=body,
        script=_script(),
    )


def _body(seen: Analysis) -> Iterator[str]:
    word, told = seen.tables.word, words.sentences(seen)
    yield f"<h1>{escape(words.title(seen))}</h1>"
    yield f"<p>{escape(words.scope(seen))}</p>"
    yield _facts(seen)
    chart = charts.decomposition(seen.periods, word)
    yield _section("Who was active", told.decomposition, _chart("decomposition", chart))
    pulse = charts.line(seen.periods, word, "pulse", "pulse", rule=True)
    churn = charts.line(seen.periods, word, "churn_rate", "churn")
    yield _pair(
        _section("Pulse", told.pulse, _chart("pulse", pulse)),
        _section("Churn", told.churn, _chart("churn", churn)),
    )
    if seen.values is not None:
        yield _section(f"By {seen.dim}", told.values, _values(seen))
    yield _section("From state to state", told.transitions, _matrix(seen))
    yield _pair(*_histograms(seen))
    yield _section("All figures", told.figures, _figures(seen))


def _histograms(seen: Analysis) -> Iterator[str]:
    word, told = seen.tables.word, words.sentences(seen)
    shown = (
        ("Streaks", told.streaks, seen.streaks, f"{word}s in a row", "Retained"),
        ("Intervals", told.intervals, seen.intervals, f"{word}s since the last visit", "Reactivated"),
        ("Away", told.absences, seen.absences, f"{word}s since last seen", "became Inactive"),
    )  # fmt: skip
    for heading, sentence, frame, axis, state in shown:
        if frame is None or frame.empty:
            inside = "<p><em>Nothing to show here.</em></p>"
        else:
            inside = _chart(heading.lower(), charts.histogram(frame, word, axis, state))
        yield _section(heading, sentence, inside)


def _section(heading: str, sentence: str, inside: str) -> str:
    return f"<section>\n<h2>{escape(heading)}</h2>\n<p>{escape(sentence)}</p>\n{inside}\n</section>"


def _pair(*sections: str) -> str:
    return '<div class="pair">\n' + "\n".join(sections) + "\n</div>"


def _chart(name: str, spec: Spec) -> str:
    """Return the holder of a chart and its JSON, which no value can end before its end."""
    text = orjson.dumps(spec).decode().replace("<", "\\u003c").replace("&", "\\u0026")
    return (
        f'<div class="chart" data-spec="spec-{name}"></div>\n'
        f'<script type="application/json" id="spec-{name}">{text}</script>'
    )


def _facts(seen: Analysis) -> str:
    cells = [
        f"<div><dt>{escape(name)}</dt><dd>{escape(figure)} <small>{escape(note)}</small></dd></div>"
        for name, figure, note in words.facts(seen)
    ]
    return f'<dl class="facts">{"".join(cells)}</dl>'


def _values(seen: Analysis) -> str:
    assert seen.values is not None
    parts = []
    for number, (value, frame) in enumerate(seen.values.groupby("dim_value", sort=False)):
        chart = charts.decomposition(frame, seen.tables.word, height=150, legend=False)
        parts.append(
            f"<div><h3>{escape(str(value))}</h3>\n{_chart(f'value-{number}', chart)}</div>"
        )
    return f'{_pair(*parts)}\n<div class="scroll">{_value_table(seen)}</div>'


def _value_table(seen: Analysis) -> str:
    assert seen.values is not None
    rows = records(seen.values[seen.values["period_start"] == seen.window.at])
    cells = [(escape(str(row["dim_value"])), row) for row in rows]
    return _table(str(seen.dim), cells, kind="value")


def _figures(seen: Analysis) -> str:
    rows = [(str(row["period_start"]), row) for row in records(seen.periods)]
    table = _table(seen.tables.word, rows)
    return f'<details><summary>Show the table</summary><div class="scroll">{table}</div></details>'


def _table(first: str, rows: list[tuple[str, Spec]], kind: str = "") -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in (first, *words.COLUMNS))
    lines = []
    for label, row in rows:
        cells = "".join(
            f"<td>{figure} <small>{share}</small></td>" for figure, share in words.cells(row)
        )
        mark = "" if row["is_complete"] else ' class="provisional"'
        lines.append(f"<tr{mark}><th>{label}</th>{cells}</tr>")
    return f'<table class="{kind}"><tr>{head}</tr>{"".join(lines)}</table>'


def _matrix(seen: Analysis) -> str:
    # Soft hyphens: on a phone the four columns fit only if the longest heading may break.
    names = [state.replace("tivated", "&shy;tivated") for state in STATES]
    lines = [f"<tr><th></th>{''.join(f'<th>{name}</th>' for name in names)}</tr>"]
    for before in (NOT_SEEN, *STATES):
        rows = seen.transitions[seen.transitions["previous_state"] == before]
        cells = "".join(_heat(row) for row in records(rows))
        lines.append(f"<tr><th>{before}</th>{cells}</tr>")
    return f'<div class="scroll matrix"><table>{"".join(lines)}</table></div>'


def _heat(row: Spec) -> str:
    if pd.isna(row["users"]) or row["users"] == 0:
        return "<td>·</td>" if not pd.isna(row["users"]) else "<td>?</td>"
    share = 0.0 if pd.isna(row["share"]) else float(row["share"])
    note = "" if pd.isna(row["share"]) else words.percent(share)
    return (
        f'<td class="heat" style="--part: {share:.3f}">{int(row["users"]):,}'
        f" <small>{note}</small></td>"
    )


def _file(name: str) -> str:
    return files("weir.activation").joinpath(name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Return Vega, Vega-Lite and vega-embed with the page's own lines, as one text."""
    bundle: str = vl_convert.javascript_bundle(_file("page.js"))
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
