"""Reading across rooms: what a home page and the team page show."""
