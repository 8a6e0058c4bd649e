"""Proposals and readings made by hand, for what decides among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from textfix.lm import load_default
from textfix.repairer.decoder import Reading
from textfix.repairer.features import FEATURES
from textfix.repairer.models import Models
from textfix.repairer.places import Places
from textfix.repairer.proposals import DELETE, INSERT, MAX_SIZE, PAIR, SPLIT, SUBSTITUTE, Detail, Proposals
from textfix.repairer.scoring import proposals
from textfix.repairer.view import Look, look, view
from textfix.text.classes import DIGIT

__all__ = ["DELETE", "INSERT", "PAIR", "SPLIT", "SUBSTITUTE", "everywhere", "made", "proposed", "reading"]

#: Start and length in kept characters, replacement, kind.
Given = tuple[int, int, str, int]


def made(*given: Given) -> Proposals:
    """Proposals that say so much; all their scores are 0."""
    n = len(given)
    codes = np.zeros((n, MAX_SIZE), dtype=np.uint32)
    for row, (_, _, new, _) in enumerate(given):
        codes[row, : len(new)] = [ord(char) for char in new]
    said = {
        "start": np.array([start for start, _, _, _ in given], dtype=np.int64),
        "length": np.array([length for _, length, _, _ in given], dtype=np.int64),
        "ids": np.zeros((n, MAX_SIZE), dtype=np.uint16),
        "codes": codes,
        "size": np.array([len(new) for _, _, new, _ in given], dtype=np.int64),
        "kind": np.array([kind for _, _, _, kind in given], dtype=np.uint8),
        "rank": np.zeros(n, dtype=np.int64),
    }
    return Proposals(**{f.name: said.get(f.name, np.zeros(n, dtype=np.float32)) for f in fields(Proposals)})


def reading(text: str, given: Sequence[Given], gains: Sequence[float] = ()) -> Reading:
    """A look at `text` that led to the proposals `given`."""
    x = np.zeros((len(given), len(FEATURES)), dtype=np.float32)
    x[: len(gains), FEATURES.index("gain")] = gains
    return Reading(view(text, load_default()), made(*given), x, np.zeros(len(given)))


def everywhere(seen: Look, models: Models) -> Places:
    """Every place of a text but its digits, all as likely wrong as right."""
    v = seen.view
    spots = np.flatnonzero(v.classes != DIGIT)
    return Places.of(v, models, spots, np.arange(1, len(v) + 1), *np.zeros((2, len(v) + 1)))


def proposed(text: str, models: Models) -> tuple[Look, Proposals, Detail]:
    """Everything that is proposed for a text of which every place is looked at."""
    seen = look(text, models.lm)
    return seen, *proposals(seen.view, models, seen.log_probs, everywhere(seen, models))
