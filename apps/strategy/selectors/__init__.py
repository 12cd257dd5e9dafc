"""Reading strategies: standing of objectives, one strategy's page, the agenda of reviews and decisions."""
