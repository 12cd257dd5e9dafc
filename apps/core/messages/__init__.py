"""Translations without the gettext programs: find the strings, keep the catalogues, compile them.

Every room keeps ``apps/<room>/locale``; what belongs to no room is in ``locale`` at the root.
"""

from apps.core.messages.catalogue import Problem, check, compile_stale, update
from apps.core.messages.extraction import ROOT_ROOM, Message, messages_of, rooms

__all__ = ["ROOT_ROOM", "Message", "Problem", "check", "compile_stale", "messages_of", "rooms", "update"]
