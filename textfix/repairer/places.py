"""The places of a text that are looked at, and what the models see around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lm import CONTEXT, Ids
from ..lm.cloze import NOTHING
from ..lm.phrases import SIDE
from ..text.classes import HAN
from .models import Models
from .proposals import Floats, Ints, places
from .view import View

__all__ = ["Places", "beside", "neighbours"]

#: Two characters are asked about as one glyph if the likelier wrong one has these log-odds, and both together these.
_JOINT_ODDS = -0.5, -3.5
#: Two neighbours are thought wrong together if the less likely wrong one has these log-odds, and the other one these.
_TWO_ODDS = -3.5, -1.5
#: Log-odds of a spot and of a gap from which on the phrase table is asked: further down it names hardly any truth.
_DOUBTED, _DOUBTED_GAP = -2.5, -3.5


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of a text that are looked at.

    ``spots`` (s,) kept characters; ``gaps`` (g,) the kept characters that gaps stand in front of (up to n);
    ``joints`` (j,) which spots, by number, and the next may be one glyph: two characters side by side in a line
    ``twos`` (t,) which spots, by number, and the next are two Han characters that may both be wrong
    ``stands`` (s + g,) what stands at spots and gaps, as answers of the cloze model: in gaps nothing
    ``around`` (s + g + j, 2 * reach) the answers around each place, nearest first on either side
    ``doubtful`` (s + g + j,) where the phrase table is asked for candidates
    """

    spots: Ints
    gaps: Ints
    joints: Ints
    twos: Ints
    stands: Ints
    around: Ids
    doubtful: NDArray[np.bool_]

    @classmethod
    def of(cls, v: View, models: Models, spots: Ints, gaps: Ints, odds: Floats, gap_odds: Floats) -> Places:
        """`spots` and `gaps` of `v`; `odds` (n,) are the log-odds that each kept character is wrong, `gap_odds`
        (n + 1,) that something is lost before it."""
        answers = models.cloze.id_of(v.codes)
        edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), len(v))
        joints = np.flatnonzero((np.diff(spots) == 1) & (v.breaks[spots[1:]] == 0))
        one, two = spots[joints], spots[joints] + 1
        likely = (np.maximum(odds[one], odds[two]) > _JOINT_ODDS[0]) & (odds[one] + odds[two] > _JOINT_ODDS[1])
        known = models.channel.wholes.known(v.codes[one], v.codes[two])
        joints = joints[((v.classes[one] == HAN) | (v.classes[two] == HAN)) & (likely | known)]
        twos = neighbours(v, spots)
        pair = odds[spots[twos]], odds[spots[twos + 1]]
        twos = twos[(np.minimum(*pair) > _TWO_ODDS[0]) & (np.maximum(*pair) > _TWO_ODDS[1])]
        paragraph = v.paragraph[np.concatenate([spots, gaps - 1, spots[joints]])]
        left = np.concatenate([spots, gaps, spots[joints]]) - 1
        right = np.concatenate([spots + 1, gaps, spots[joints] + 2])
        stands = np.concatenate([answers[spots], np.full(gaps.size, NOTHING)]).astype(np.int64)
        around = models.cloze.surroundings(answers, left, right, edges[paragraph], edges[paragraph + 1])
        doubtful = odds[spots] > _DOUBTED, gap_odds[gaps] > _DOUBTED_GAP, np.ones(joints.size, dtype=bool)
        return cls(spots, gaps, joints, twos, stands, around, np.concatenate(doubtful))

    @property
    def of_spots(self) -> slice:
        """The rows of `around` that are of spots."""
        return slice(0, self.spots.size)

    @property
    def of_gaps(self) -> slice:
        """Those of gaps."""
        return slice(self.spots.size, self.stands.size)

    @property
    def of_joints(self) -> slice:
        """Those of joints."""
        return slice(self.stands.size, len(self.around))

    def sides(self, rows: slice | NDArray[np.intp]) -> tuple[Ids, Ids]:
        """What a window of the phrase table sees on either side of places, both (m, SIDE)."""
        reach = self.around.shape[1] // 2
        return self.around[rows, :SIDE], self.around[rows, reach : reach + SIDE]


def neighbours(v: View, spots: Ints) -> Ints:
    """Which of `spots`, by number, and the next are two Han characters side by side, at a line's end too."""
    firsts = np.flatnonzero(np.diff(spots) == 1)
    one, two = spots[firsts], spots[firsts] + 1
    return np.asarray(firsts[(v.classes[one] == HAN) & (v.classes[two] == HAN) & (v.breaks[two] < 2)])


def beside(v: View, start: Ints, length: int) -> tuple[Ids, Ids]:
    """The four ids before each place and the four behind what is replaced, both (m, 4)."""
    s = places(v, start, length)[:, None]
    right = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    return v.stream[s + np.arange(-CONTEXT, 0)], v.stream[right]
