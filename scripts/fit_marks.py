#!/usr/bin/env python3
"""Train the mark model, confusables/marks.bin: which mark stands in a slot, or none, given forty characters around it.

    python scripts/fit_cloze.py cache CACHE              # texts as ids, confusions of the channel (needs textfix)
    python scripts/fit_marks.py train CACHE -o OUT.npz --minutes 30        # needs torch (build time only), not textfix
    python scripts/fit_marks.py pack OUT.npz CACHE       # writes confusables/marks.bin

Text and noise are those of `scripts/fit_cloze.py`. Of the slots 45% hold a mark, 40% lie between two characters and
hold nothing, the rest hold anything. A mark that is lost leaves the same surroundings as one that is misread.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from fit_cloze import VOCABULARY, WEIGHTS, network_of, run, write

REACH, EMBEDDING, HIDDEN, OUTPUT = 40, 24, 512, 128
#: As in textfix/lm/marks.py.
ANSWERS = "，。、；：“”（）《》"
NONE, ELSE = len(ANSWERS), len(ANSWERS) + 1
BATCH = 4096
#: Shares of slots at marks, and between two characters.
AT_MARKS, BETWEEN = 0.45, 0.40
#: Ids that frame a paragraph.
BOS, EOS = 2, 3


def answers_of(folder: Path) -> np.ndarray:
    """The answer that each id is."""
    characters = np.load(folder / "characters.npy", allow_pickle=False)
    out = np.full(VOCABULARY, ELSE)
    for answer, mark in enumerate(ANSWERS):
        out[VOCABULARY - len(characters) + np.flatnonzero(characters == ord(mark))] = answer
    return out


def sampler(folder: Path, seed: int) -> Any:
    """A function that draws a batch: ids of the surroundings (b, 2 REACH), what is in the slot (b,)."""
    streams = [np.load(folder / f"{name}.npy", allow_pickle=False) for name in WEIGHTS]
    confusions = np.load(folder / "confusions.npy", allow_pickle=False)
    stray = np.load(folder / "marks.npy", allow_pickle=False)
    answer = answers_of(folder)
    share = np.array([len(s) * w for s, w in zip(streams, WEIGHTS.values(), strict=True)])
    share /= share.sum()
    whole = np.concatenate(streams)
    first = np.cumsum([0, *map(len, streams)])
    marks = [np.flatnonzero(answer[whole[a:b]] < NONE) + a for a, b in pairwise(first)]
    chance = np.random.default_rng(seed)
    away = np.arange(1, REACH + 1)

    def draw(size: int) -> tuple[np.ndarray, np.ndarray]:
        corpus_of = chance.choice(len(streams), size, p=share)
        low, high = first[corpus_of] + REACH + 4, first[corpus_of + 1] - REACH - 4
        at = (low + chance.random(size) * (high - low)).astype(np.int64)
        which = chance.random(size)
        for k, places in enumerate(marks):
            rows = np.flatnonzero((which < AT_MARKS) & (corpus_of == k))
            at[rows] = np.clip(places[chance.integers(0, len(places), rows.size)], low[rows], high[rows] - 1)
        gap = (which >= AT_MARKS) & (which < AT_MARKS + BETWEEN)
        left, right = at[:, None] - away, at[:, None] + away - gap[:, None]
        rate = chance.choice([0.0, 0.01, 0.03, 0.08], size)
        noise = np.zeros((size, 2 * REACH), dtype=bool)
        for side, column in ((left, 0), (right, REACH)):
            step = 1 if column else -1
            for kind, weight in ((1, 3.0), (-1, 2.0)):  # up to two lost, and two invented
                for _ in range(2):
                    hit = np.flatnonzero(chance.random(size) < rate * weight)
                    place = chance.integers(0, REACH, hit.size)
                    side[hit] += step * kind * (np.arange(REACH)[None, :] >= place[:, None])
                    if kind < 0:
                        noise[hit, place + column] = True
        ids = whole[np.clip(np.concatenate([left, right], axis=1), 0, len(whole) - 1)]
        # Nothing is seen beyond a paragraph's frame.
        before, behind = ids[:, :REACH], ids[:, REACH:]
        before[:, 1:][np.maximum.accumulate(before == BOS, axis=1)[:, :-1]] = EOS
        behind[np.maximum.accumulate(behind == EOS, axis=1)] = EOS
        flat = ids.ravel()
        rows = np.flatnonzero(chance.random(ids.shape) < rate[:, None])
        flat[rows] = confusions[flat[rows], chance.integers(0, confusions.shape[1], rows.size)]
        rows = np.flatnonzero(noise)
        flat[rows] = np.where(
            chance.random(rows.size) < 0.7, chance.choice(stray, rows.size), chance.integers(40, 1500, rows.size)
        )
        target = np.where(gap, NONE, answer[whole[at]])
        keep = ~((whole[at] <= EOS) | (gap & (whole[at - 1] <= EOS)))  # a slot in a frame is nothing that we ask for
        return flat.reshape(ids.shape)[keep].astype(np.int64), target[keep]

    return draw


def train(folder: Path, output: Path, minutes: float, seed: int, rate: float) -> None:
    """Train for so long; where `output` exists, from its weights on."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(1)

    network = network_of(REACH, EMBEDDING, HIDDEN, OUTPUT, ELSE + 1)
    if output.exists():
        with np.load(output, allow_pickle=False) as file:
            network.load_state_dict({name: torch.tensor(file[name]) for name in file.files})
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3, betas=(0.9, 0.98))
    draw, check = sampler(folder, seed), sampler(folder, 0)
    held = [check(BATCH) for _ in range(4)]
    began, step, total = time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - began) / 60 / minutes) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * spent)))
        ids, target = draw(BATCH)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = network(torch.from_numpy(ids))
        loss = nn.functional.cross_entropy(scores.float(), torch.from_numpy(target))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        total += loss.item()
        if step % 500 == 0:
            with torch.no_grad():
                right = np.concatenate([network(torch.from_numpy(i)).argmax(1).numpy() == t for i, t in held])
            at_marks = np.concatenate([t < NONE for _, t in held])
            print(f"{step} steps {spent:4.0%} loss {total / 500:.4f} right at marks {right[at_marks].mean():.3f}, "
                  f"elsewhere {right[~at_marks].mean():.3f}", flush=True)
            total = 0.0
    np.savez(output, **{k: v.detach().numpy() for k, v in network.state_dict().items()})


def pack(weights: Path, folder: Path, output: Path) -> None:
    from textfix.lm.marks import Marks

    write(weights, folder, output, sampler(folder, 3), REACH, Marks.load)


if __name__ == "__main__":
    raise SystemExit(run(__doc__, "marks.bin", train, pack))
