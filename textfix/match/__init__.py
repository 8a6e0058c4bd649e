"""Which authority a scan was taken from: documents found by shared rare k-grams, checked by alignment.

Containment counts, not resemblance: a scan quotes, abridges and garbles. An inverted index of sampled k-grams gives
candidates, weighed by how rare their grams are (Zobel and Moffat 2006; sampling after Manber 1994). Each candidate is
aligned with the scan, and the stretches that it explains are the maximal scoring subsequences of that alignment (Ruzzo
and Tompa 1999). Set phrases and borrowed clauses explain a sentence here and there, a source explains page after page:
that, and not a count of common grams, decides.
"""

from __future__ import annotations

from .index import Index, Match
from .parts import Part, parts_of
from .passages import Passage

__all__ = ["Index", "Match", "Part", "Passage", "parts_of"]
