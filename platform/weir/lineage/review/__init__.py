"""What a change of the project's files does to its data, before it is merged. Pure.

`side` is the project at one commit, `changed` compares two, `report` is what comes of it, `policy` says
what may not be merged, `markdown` tells it to people.
"""
