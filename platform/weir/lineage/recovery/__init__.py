"""Plans that repair or rebuild: what, in which order, how much, and how far it got.

`planning` makes a plan from a picture, `estimate` says what it will take, `journal` keeps how far it
got, `executing` carries it out. Runs are started through the `Launcher` port.
"""
