"""The pay engine: a plan document, credits and standings in, lines with their trace out. Pure and exact."""
