"""Reads about deals for screens."""

from apps.pipeline.selectors.board import Board, Column, board, column_cards
from apps.pipeline.selectors.deals import DealPage, Lacks, deal_page, exact_count, lacks
from apps.pipeline.selectors.work import timeline

__all__ = [
    "Board",
    "Column",
    "DealPage",
    "Lacks",
    "board",
    "column_cards",
    "deal_page",
    "exact_count",
    "lacks",
    "timeline",
]
