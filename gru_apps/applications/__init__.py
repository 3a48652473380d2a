"""What serves one application alone, in a folder each.

An application may be deleted with its folder, its corpus, its notebook, its SavedModel
and the rows that name it. Most need no folder, since the stations hold all they need.
"""
