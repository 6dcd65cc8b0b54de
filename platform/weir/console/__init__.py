"""The console: one web page for the whole platform, and the HTTP API behind it.

`access` knows people, their roles, tokens and sessions; `http` is what every request passes; `pages`
answers, one module per page, with the same functions that the commands call. `web` is the source of the
pages themselves, built into `static`.
"""
