"""Reading figures: one question, one answer, wherever it is shown."""

from apps.measures.selectors.explaining import Explanation, explain, rows
from apps.measures.selectors.figures import NotVisible, Row, query, value
from apps.measures.selectors.labels import labels

__all__ = ["Explanation", "NotVisible", "Row", "explain", "labels", "query", "rows", "value"]
