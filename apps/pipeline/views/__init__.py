"""Pages of the pipeline, by business noun."""
