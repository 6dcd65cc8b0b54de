"""The life of an event and its versions: drafts, activation, reviews, deprecation, archive, audit.

What is recorded stands in `versions.json` beside the schemas, in `weir.registry.versions.history`'s
form; `weir.registry.versions.steps` writes it. Whether a version may follow another is
`weir.registry.compat`'s question.
"""
