"""A plan document while it is written: what may stand where, in which words, and what one may do to it.

``spec`` reads the models of the document, ``words`` and ``choices`` name every field and option, ``tree``
holds a half-written document and works on it, ``starters`` says what a new part begins with, ``gallery``
has ready plans, ``story`` lets the engine pay a few periods under a plan. Nothing here knows about pages.
"""
