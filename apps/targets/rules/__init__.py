"""The arithmetic of targets: exact, without database, clock or request."""
