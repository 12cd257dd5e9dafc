"""Reading figures: one question, one answer, wherever it is shown."""

from apps.measures.selectors.explaining import Explanation, Part, explain, rows
from apps.measures.selectors.figures import NotVisible, Row, query, query_each, value
from apps.measures.selectors.labels import labels
from apps.measures.selectors.question import days_of, reading_together

__all__ = [
    "Explanation",
    "NotVisible",
    "Part",
    "Row",
    "days_of",
    "explain",
    "labels",
    "query",
    "query_each",
    "reading_together",
    "rows",
    "value",
]
