"""Reading figures: one question, one answer, wherever it is shown."""

from apps.measures.selectors.explaining import Explanation, explain, rows
from apps.measures.selectors.figures import NotVisible, Row, query, value
from apps.measures.selectors.labels import labels
from apps.measures.selectors.question import days_of, reading_together

__all__ = [
    "Explanation",
    "NotVisible",
    "Row",
    "days_of",
    "explain",
    "labels",
    "query",
    "reading_together",
    "rows",
    "value",
]
