"""Measurements, each beside hand-written SQL on the same data in the same run; never part of the tests."""
