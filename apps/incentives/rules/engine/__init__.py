"""The engine: from a plan and what is given for a payee to lines, balances and trace. Pure and exact.

The shapes everything follows from (``shapes`` and ``book``):

``PlanDocument``   what the plan says (``rules.plan``).
``CreditIn``       one credit of a payee: id, amount that counts, transaction, day, facts of the deal.
``ReturnIn``       a credit that comes back: which part of what was paid for it, and when it was sold.
``Posted``         what locked runs hold for one cell: basis, raw and rounded pay, the credits behind it.
``Cell``           one component in one window (a period, or to date): new credits, returns, what is posted.
                   Late credits are cells of an earlier window; only cells that changed need to be given.
``Standing``       where a payee stands on a measure over a span of time: actual and quota.
``Segment``        days under one plan version: the plan, the active share, its cells and standings. A
                   transfer in the middle of a period makes two.
``PayeeGiven``     all of a payee for one pay period: segments, opening balances, what is pending, the run
                   date, the payout rate. What crosses payees (pool shares, SPIFF awards, credits of people
                   below a lead) is decided before by ``pools``, ``spiffs`` and ``crediting`` and given here.

``Step``           one row of a calculation, readable and serialisable: ``{"op": "slice", …}``.
``Traced``         what one credit contributed to a line: amount, rate where it is one rate, value.
``LineOut``        one line: component, window, kind, basis, raw (exact), rounded (paid), steps, traces.
``Balance``        what is carried from period to period under a name: opening, closing.
``Pending``        pay that is earned but not yet due: a holdback, an instalment.
``PayeeOutcome``   lines, balances, pending, payment.

Numbers are exact: ``Decimal`` under a context that refuses to round, ``Fraction`` where a division does not
end. A component's line is rounded once; everything after it (draw, recovery, holdback …) moves whole cents,
so every identity of the ledger holds to the cent (ADR 0005). The formulas are those of the calculation
rules of ``docs/architecture.md``; ``settle.settle`` reads like their order of operations.
"""
