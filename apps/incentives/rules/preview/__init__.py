"""A complete calculation from a complete request: plans, dated credits, quotas, balances, rates. Pure.

``request`` and ``response`` are the documented shapes, ``world`` makes of a request what the engine is given
(``rules.engine``), ``preview`` runs crediting → pools and SPIFFs → settling and writes the answer.
"""
