"""Review: what a repair proposed, shown to a person; what the person decided, kept for every later repair."""

from __future__ import annotations

from .decisions import Decision, Decisions, Reviewed
from .proposals import Proposal, proposals, proposals_in

__all__ = ["Decision", "Decisions", "Proposal", "Reviewed", "proposals", "proposals_in"]
