#!/usr/bin/env python3
"""Train the mark model, confusables/marks.bin: which mark stands in a slot, or none, given forty characters around it.

    python scripts/fit_cloze.py cache CACHE              # texts as ids, confusions of the channel (needs textfix)
    python scripts/fit_marks.py train CACHE -o OUT.npz --minutes 65        # needs torch (build time only), not textfix
    python scripts/fit_marks.py pack OUT.npz CACHE       # writes confusables/marks.bin

Text and rates of noise are those of `scripts/fit_cloze.py`. Whole stretches of text are misread, and every mark in them
is asked about, and some of the other characters and of the gaps: about half of what is asked is marks. A mark that is
lost leaves the same surroundings as one that is misread.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from fit_cloze import VOCABULARY, WEIGHTS, run

#: As in textfix/lm/marks.py and towers.py.
ANSWERS = "，。、；：“”（）《》"
NONE, ELSE = len(ANSWERS), len(ANSWERS) + 1
FIRST, DILATIONS = 4, (4, 8, 16, 8)
REACH = FIRST + sum(DILATIONS)
EMBEDDING, WIDTH, OUTPUT = 48, 224, 128
#: Stretches of a batch, and how long they are.
STRETCHES, LENGTH = 32, 512
#: Shares of the characters that are no marks, and of the gaps, that are asked about.
OTHERS, GAPS = 0.04, 0.07
RATES = (0.0, 0.01, 0.03, 0.08)
#: How often a mark is lost, another character, and how often something is invented, where one in a page is misread.
LOST_MARK, LOST, INVENTED = 1.0, 0.15, 0.1
#: Ids that frame a paragraph, and so many more ids that make a frame as wide as what a tower sees.
BOS, EOS, WIDER = 2, 3, 32

Asked = tuple[np.ndarray, np.ndarray]


def answers_of(folder: Path) -> np.ndarray:
    """The answer that each id is."""
    characters = np.load(folder / "characters.npy", allow_pickle=False)
    out = np.full(VOCABULARY, ELSE)
    for answer, mark in enumerate(ANSWERS):
        out[VOCABULARY - len(characters) + np.flatnonzero(characters == ord(mark))] = answer
    return out


def sampler(folder: Path, seed: int) -> Any:
    """A function that draws a batch: stretches of ids (b, n), then for the characters and for the gaps in front of them
    which are asked about, (k,) in the flattened stretches, and the answers, (k,)."""
    streams = []
    for name in WEIGHTS:
        stream = np.load(folder / f"{name}.npy", allow_pickle=False)
        streams.append(np.insert(stream, np.repeat(np.flatnonzero(stream == BOS), WIDER), EOS))
    confusions = np.load(folder / "confusions.npy", allow_pickle=False)
    stray = np.load(folder / "marks.npy", allow_pickle=False)
    answer = answers_of(folder)
    share = np.array([len(s) * w for s, w in zip(streams, WEIGHTS.values(), strict=True)])
    share /= share.sum()
    chance = np.random.default_rng(seed)

    def misread(text: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`text` as an engine may have read it; what its characters were, and what the gaps in front of them held: -1
        where that is not asked."""
        n, rate, framed = len(text), chance.choice(RATES), text <= EOS
        was = np.where(framed, -1, answer[text])
        lost = (chance.random(n) < rate * np.where(answer[text] < NONE, LOST_MARK, LOST)) & ~framed
        read = text.copy()
        wrong = np.flatnonzero((chance.random(n) < rate) & ~framed)
        read[wrong] = confusions[text[wrong], chance.integers(0, confusions.shape[1], wrong.size)]
        held = np.full(n, NONE)
        held[framed] = -1
        held[1:][framed[:-1]] = -1
        gone = np.flatnonzero(lost[:-1])
        held[gone + 1] = np.where(lost[np.maximum(gone - 1, 0)], -1, was[gone])  # of two that are lost none is asked
        kept = np.flatnonzero(~lost)
        read, was, held = read[kept], was[kept], held[kept]
        at = np.flatnonzero((chance.random(n) < INVENTED * rate)[kept] & ~framed[kept])
        if at.size:
            some = chance.choice(stray, at.size), chance.integers(40, 1500, at.size)
            new = np.where(chance.random(at.size) < 0.7, *some)
            read = np.insert(read, at, new)
            was = np.insert(was, at, np.where(held[at] == NONE, NONE, -1))
            held = np.insert(held, at, -1)
            held[at + np.arange(1, at.size + 1)] = -1
        return read, was, held

    def draw() -> tuple[np.ndarray, Asked, Asked]:
        ids = np.full((STRETCHES, LENGTH), EOS, dtype=np.int64)
        was, held = np.full((2, STRETCHES, LENGTH), -1)
        for row in range(STRETCHES):
            stream = streams[chance.choice(len(streams), p=share)]
            at = chance.integers(0, len(stream) - LENGTH - 90)
            parts = misread(stream[at : at + LENGTH + 80].astype(np.int64))
            ids[row], was[row], held[row] = (part[:LENGTH] for part in parts)
        for asked in (was, held):  # what stands near the ends sees too little
            asked[:, : REACH + 1] = asked[:, -REACH - 1 :] = -1
        out = []
        for asked, some in ((was, OTHERS), (held, GAPS)):
            rows = np.flatnonzero((asked >= 0) & ((asked < NONE) | (chance.random(asked.shape) < some)))
            out.append((rows, asked.ravel()[rows]))
        return ids, *out

    return draw


def network_of(width: int) -> Any:
    """The network, to be trained; as `textfix.lm.towers` runs it."""
    import torch
    from torch import nn, relu
    from torch.nn.functional import pad

    class Tower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(FIRST * EMBEDDING, width)
            self.rest = nn.ModuleList(nn.Linear(2 * width, width) for _ in DILATIONS)
            with torch.no_grad():
                for layer in self.rest:  # at first each hands on what it was given
                    layer.weight.mul_(0.7)
                    layer.weight[:, :width] += 0.8 * torch.eye(width)
                    layer.bias.zero_()

        def forward(self, x: Any) -> Any:
            n, framed = x.shape[1], pad(x, (0, 0, FIRST - 1, 0))
            x = relu(self.first(torch.cat([framed[:, FIRST - 1 - k : FIRST - 1 - k + n] for k in range(FIRST)], -1)))
            for layer, dilation in zip(self.rest, DILATIONS, strict=True):
                x = relu(layer(torch.cat([x, pad(x, (0, 0, dilation, 0))[:, :n]], -1)))
            return x

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, EMBEDDING)
            nn.init.normal_(self.embedding.weight, std=0.5)
            self.left, self.right = Tower(), Tower()
            self.mix = nn.Linear(2 * width, OUTPUT)
            self.answers = nn.Linear(OUTPUT, ELSE + 1)

        def forward(self, ids: Any, before: Any, behind: Any) -> Any:
            """The scores of slots between the places `before` and `behind` of the flattened stretches `ids`."""
            x = self.embedding(ids)
            left, right = self.left(x).flatten(0, 1), self.right(x.flip(1)).flip(1).flatten(0, 1)
            return self.answers(relu(self.mix(torch.cat([left[before], right[behind]], -1))))

    return Network()


def train(folder: Path, output: Path, minutes: float, seed: int, rate: float) -> None:
    """Train for so long; where `output` exists, from its weights on."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = network_of(WIDTH)
    if output.exists():
        with np.load(output, allow_pickle=False) as file:
            network.load_state_dict({name: torch.tensor(file[name]) for name in file.files})
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-2, betas=(0.9, 0.98))

    def ask(batch: tuple[np.ndarray, Asked, Asked]) -> tuple[Any, Any]:
        ids, (slots, was), (gaps, held) = batch
        before, behind = np.concatenate([slots - 1, gaps - 1]), np.concatenate([slots + 1, gaps])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = network(*map(torch.from_numpy, (ids, before, behind)))
        return scores.float(), torch.from_numpy(np.concatenate([was, held]))

    draw, check = sampler(folder, seed), sampler(folder, 0)
    held_out = [check() for _ in range(8)]
    began, step, total = time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - began) / 60 / minutes) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * spent)))
        loss = nn.functional.cross_entropy(*ask(draw()))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        total += loss.item()
        if step % 400 == 0:
            with torch.no_grad():
                found = [(scores.argmax(1).numpy(), answers.numpy()) for scores, answers in map(ask, held_out)]
            named, answers = map(np.concatenate, zip(*found, strict=True))
            right, marks = named == answers, answers < NONE
            print(f"{step} steps {spent:4.0%} loss {total / 400:.4f} right at marks {right[marks].mean():.3f}, "
                  f"elsewhere {right[~marks].mean():.3f}", flush=True)
            total = 0.0
            np.savez(output, **{k: v.detach().numpy() for k, v in network.state_dict().items()})
    np.savez(output, **{k: v.detach().numpy() for k, v in network.state_dict().items()})


def pack(weights: Path, folder: Path, output: Path) -> None:
    from textfix.lm import towers
    from textfix.lm.marks import Marks

    state = np.load(weights, allow_pickle=False)
    layers = {f"{side}{k}": f"{side}.{'first' if k == 0 else f'rest.{k - 1}'}" for side in ("left", "right")
              for k in range(len(DILATIONS) + 1)} | {"mix": "mix", "answers": "answers"}  # fmt: skip
    named = {name: state[f"{of}.weight"].T for name, of in layers.items()} | {"embedding": state["embedding.weight"]}
    named |= {f"{name}_bias": state[f"{of}.bias"] for name, of in layers.items()}
    draw = sampler(folder, 3)
    characters = np.load(folder / "characters.npy", allow_pickle=False)
    output.write_bytes(towers.pack(named, characters, DILATIONS, draw()[0]))
    packed, right = Marks.load(output), []
    ids, (slots, was), (gaps, held) = draw()
    before, behind = np.concatenate([slots - 1, gaps - 1]), np.concatenate([slots + 1, gaps])
    first = before // LENGTH * LENGTH
    scores = packed.log_probs(ids.ravel().astype(np.uint16), before, behind, first, first + LENGTH)
    answers = np.concatenate([was, held])
    right = scores.argmax(axis=1) == answers
    print(f"in integers: loss {-scores[np.arange(len(answers)), answers].mean():.4f}, first {right.mean():.4f}")


if __name__ == "__main__":
    raise SystemExit(run(__doc__, "marks.bin", train, pack))
