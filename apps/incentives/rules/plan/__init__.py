"""A plan as a typed, versioned document, ``salesorg.plan/2``.

``values`` (exact numbers, codes) → ``conditions`` → ``tables`` → ``parts`` → ``rules.kinds`` (the
components) and ``settlement`` (pay as a whole) → ``document.PlanDocument``. ``parsing.parse_plan`` reads a
document and refuses what does not hold together (``checks``) with the place and the fix in the reader's
language (``problems``). ``schema`` publishes the JSON Schema, ``upgrade`` reads ``salesorg.plan/1``.
"""
