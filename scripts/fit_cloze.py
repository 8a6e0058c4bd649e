#!/usr/bin/env python3
"""Train the cloze model, confusables/cloze.bin: what stands in a slot, given ten characters on either side of it.

    python scripts/fit_cloze.py cache CACHE              # texts as ids, confusions of the channel (needs textfix)
    python scripts/fit_cloze.py train CACHE -o OUT.npz --minutes 30        # needs torch (build time only), not textfix
    python scripts/fit_cloze.py pack OUT.npz CACHE       # writes confusables/cloze.bin

The text is that of the held-out language model (scripts/heldout_lm.py): what scripts/ocrdata renders is left out, so
that the decider is fit on what the model has not seen. A quarter of the slots lie between two characters and hold
nothing. The surroundings are made as bad as those of real pages: characters are misread by the channel, lost and
invented, at a rate that is drawn for every slot. Paragraphs are run together as an engine's lines are, or framed.

Bengio et al. 2003 (a feed-forward language model), here with both sides; trained with AdamW on all of the softmax.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
REACH, EMBEDDING, HIDDEN, OUTPUT = 10, 64, 768, 128
#: Characters that have an id of their own; the rest is UNK_HAN or UNK.
VOCABULARY = 5667
WEIGHTS = {"laws": 1.0, "news": 1.0, "policy": 6.0, "essays": 0.5, "encyclopedia": 0.3}
#: The slot that holds nothing takes the id of BOS, which is never an answer otherwise.
BATCH, RATE, NOTHING = 4096, 1.5e-3, 2
SAMPLES = 64
#: Rivals drawn for each batch, and the share of the time after which the whole softmax is trained on.
NEGATIVES, SAMPLED = 768, 0.9


def cache(folder: Path) -> None:
    sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts" / "ocrdata")]
    import corpus

    from textfix.channel import Channel
    from textfix.lm import load_default
    from textfix.lm.vocabulary import BOS, EOS, SPECIALS, UNK_HAN

    folder.mkdir(parents=True, exist_ok=True)
    lm, channel = load_default(), Channel.load()
    vocabulary = lm.vocabulary
    chance = np.random.default_rng(1)

    def folded(ids: np.ndarray) -> np.ndarray:
        return np.where(ids >= VOCABULARY, UNK_HAN, ids).astype(np.uint16)

    for name in WEIGHTS:
        reserved: set[int] = set()
        for first, last in corpus.reserved_lines(name):
            reserved.update(range(first, last + 1))
        frame = np.array([EOS] * (REACH + 1) + [BOS], dtype=np.uint16)
        parts: list[np.ndarray] = [frame]
        for at, row in enumerate(corpus.lines(name)):
            if at not in reserved and row:
                parts.append(folded(vocabulary.encode(row)[0]))
                if chance.random() < 0.3:
                    parts.append(frame)
        parts.append(frame)
        stream = np.concatenate(parts)
        np.save(folder / f"{name}.npy", stream)
        print(name, stream.size, file=sys.stderr)
    # What each character is misread as: the channel's counts, then its look-alikes.
    counts: list[dict[int, float]] = [{} for _ in range(VOCABULARY)]
    observed = (channel._keys >> np.uint64(32)).astype(np.uint32)
    intended = (channel._keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    for o, i, c in zip(vocabulary.id_of(observed), vocabulary.id_of(intended), channel._counts, strict=True):
        if SPECIALS <= o < VOCABULARY and SPECIALS <= i < VOCABULARY and o != i:
            counts[i][int(o)] = counts[i].get(int(o), 0.0) + float(c)
    codes = channel._shapes.codes
    for code, near in zip(codes, channel._shapes.neighbours(codes, 8)[0], strict=True):
        i = int(vocabulary.id_of(np.array([code]))[0])
        if SPECIALS <= i < VOCABULARY:
            total = sum(counts[i].values()) or 1.0
            for rank, o in enumerate(vocabulary.id_of(near)):
                if SPECIALS <= o < VOCABULARY and o != i:
                    counts[i][int(o)] = counts[i].get(int(o), 0.0) + 0.08 * total / (1 + rank)
    table = np.tile(np.arange(VOCABULARY, dtype=np.uint16)[:, None], (1, SAMPLES))
    for i, row in enumerate(counts):
        if row:
            weights = np.array(list(row.values()))
            table[i] = chance.choice(np.array(list(row), dtype=np.uint16), SAMPLES, p=weights / weights.sum())
    np.save(folder / "confusions.npy", table)
    stray = np.array([ord(c) for c in "，。、；：“”（）《》·.|—-一人'和了、,"], dtype=np.uint32)
    np.save(folder / "marks.npy", vocabulary.id_of(stray))
    np.save(folder / "characters.npy", vocabulary.characters[: VOCABULARY - SPECIALS])


def sampler(folder: Path, seed: int) -> Any:
    """A function that draws a batch: ids of the surroundings (b, 2 REACH), what is in the slot (b,)."""
    streams = [np.load(folder / f"{name}.npy", allow_pickle=False) for name in WEIGHTS]
    confusions = np.load(folder / "confusions.npy", allow_pickle=False)
    share = np.array([len(s) * w for s, w in zip(streams, WEIGHTS.values(), strict=True)])
    share /= share.sum()
    whole = np.concatenate(streams)
    first = np.cumsum([0, *map(len, streams)])
    chance = np.random.default_rng(seed)
    offsets = np.arange(1, REACH + 1)
    answer_lost = np.array([0, 1, 2, 3, 4, 5])  # classes and boundaries are no answers
    marks = np.load(folder / "marks.npy", allow_pickle=False)

    def draw(size: int, noisy: bool = True) -> tuple[np.ndarray, np.ndarray]:
        corpus_of = chance.choice(len(streams), size, p=share)
        low, high = first[corpus_of] + REACH + 4, first[corpus_of + 1] - REACH - 4
        at = (low + chance.random(size) * (high - low)).astype(np.int64)
        gap = chance.random(size) < 0.25
        left = at[:, None] - offsets  # nearest first
        right = at[:, None] + offsets - gap[:, None]
        rate = chance.choice([0.0, 0.01, 0.03, 0.08], size) * noisy
        noise = np.zeros((size, 2 * REACH), dtype=np.uint8)
        for side, columns in ((left, slice(0, REACH)), (right, slice(REACH, None))):
            step = -1 if side is left else 1
            for kind, weight in ((1, 1.5), (-1, 1.0)):  # one lost, one invented
                hit = np.flatnonzero(chance.random(size) < rate * weight)
                place = chance.integers(0, REACH, hit.size)
                later = np.arange(REACH)[None, :] >= place[:, None]
                side[hit] += step * kind * later
                if kind < 0:
                    noise[hit, place + (columns.start or 0)] = 2
        ids = whole[np.concatenate([left, right], axis=1)]
        wrong = chance.random(ids.shape) < rate[:, None]
        rows = np.flatnonzero(wrong)
        flat = ids.ravel()
        flat[rows] = confusions[flat[rows], chance.integers(0, SAMPLES, rows.size)]
        rows = np.flatnonzero(noise == 2)
        flat[rows] = np.where(chance.random(rows.size) < 0.7, chance.choice(marks, rows.size),
                              chance.integers(40, 1500, rows.size))
        target = np.where(gap, NOTHING, whole[at]).astype(np.int64)
        keep = gap | ~np.isin(whole[at], answer_lost)
        # A slot in a frame is nothing that we ask for.
        keep &= ~((whole[at] <= 3) | (gap & (whole[at - 1] <= 3) & (whole[at] <= 3)))
        return flat.reshape(ids.shape)[keep].astype(np.int64), target[keep]

    return draw


def network_of(reach: int, embedding: int, hidden: int, output: int, answers: int) -> Any:
    """The network, to be trained: `state` is what its answers are read from."""
    from torch import nn, relu

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, embedding)
            self.first = nn.Linear(2 * reach * embedding, hidden)
            self.second = nn.Linear(hidden, hidden)
            self.third = nn.Linear(hidden, output)
            self.answers = nn.Linear(output, answers)
            nn.init.normal_(self.embedding.weight, std=0.5)

        def state(self, ids: Any) -> Any:
            x = relu(self.first(self.embedding(ids).flatten(1)))
            x = x + relu(self.second(x))
            return relu(self.third(x))

        def forward(self, ids: Any) -> Any:
            return self.answers(self.state(ids))

    return Network()


def train(folder: Path, output: Path, minutes: float, seed: int, rate: float) -> None:
    """Train for so long; where `output` exists, from its weights on, which may be those of fewer hidden units."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(1)

    def sampled_loss(ids: Any, target: Any) -> Any:
        """Cross-entropy on the answer and `NEGATIVES` others, corrected for how they were drawn (Jean et al. 2015)."""
        others = torch.multinomial(drawn, NEGATIVES, replacement=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            state = network.state(ids)
            rivals = nn.functional.linear(state, network.answers.weight[others], network.answers.bias[others])
        own = (state.float() * network.answers.weight[target]).sum(1) + network.answers.bias[target]
        rivals = rivals.float() - torch.log(NEGATIVES * drawn[others])
        rivals = rivals.masked_fill(others[None, :] == target[:, None], -1e4)
        own = own - torch.log(NEGATIVES * drawn[target])
        return (torch.logsumexp(torch.cat([own[:, None], rivals], 1), 1) - own).mean()

    def whole_loss(ids: Any, target: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(ids)
        return nn.functional.cross_entropy(logits.float(), target)

    network = network_of(REACH, EMBEDDING, HIDDEN, OUTPUT, VOCABULARY)
    if output.exists():
        with torch.no_grad(), np.load(output, allow_pickle=False) as file:
            for name, wide in network.state_dict().items():
                narrow = torch.tensor(file[name])
                if name in ("second.weight", "third.weight"):
                    wide[:, narrow.shape[1] :] = 0  # what new units say counts for nothing until they have learned
                wide[tuple(map(slice, narrow.shape))] = narrow
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3, betas=(0.9, 0.98))
    draw, check = sampler(folder, seed), sampler(folder, 0)
    held = [check(BATCH) for _ in range(4)]
    seen = np.bincount(np.concatenate([check(BATCH)[1] for _ in range(50)]), minlength=VOCABULARY)
    drawn = torch.from_numpy(((seen + 0.3) ** 0.75).astype(np.float32))
    drawn /= drawn.sum()
    began, step, total = time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - began) / 60 / minutes) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * spent)))
        ids, target = draw(BATCH)
        loss = (sampled_loss if spent < SAMPLED else whole_loss)(torch.from_numpy(ids), torch.from_numpy(target))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        total += loss.item()
        if step % 500 == 0:
            with torch.no_grad():
                right = [(network(torch.from_numpy(i)).argmax(1).numpy() == t) for i, t in held]
                known = [t != NOTHING for _, t in held]
            share = np.concatenate(right)[np.concatenate(known)].mean()
            print(f"{step} steps {spent:4.0%} loss {total / 500:.4f} first {share:.3f} nothing "
                  f"{np.concatenate(right)[~np.concatenate(known)].mean():.3f} "
                  f"{step * BATCH / (time.monotonic() - began) / 1e3:.1f} k/s", flush=True)
            total = 0.0
            np.savez(output, **{k: v.detach().numpy() for k, v in network.state_dict().items()})
    np.savez(output, **{k: v.detach().numpy() for k, v in network.state_dict().items()})


def write(weights: Path, folder: Path, output: Path, draw: Any, reach: int, load: Any) -> None:
    """The trained `weights` as the file of a network, and how well it does beside them on what `draw` draws; `load`
    reads it."""
    from textfix.lm import network

    state = np.load(weights, allow_pickle=False)
    layers = ("first", "second", "third", "answers")
    named = {name: state[f"{name}.weight"].T for name in layers} | {"embedding": state["embedding.weight"]}
    named |= {f"bias{k}": state[f"{name}.bias"] for k, name in enumerate(layers, 1)}
    characters = np.load(folder / "characters.npy", allow_pickle=False)
    output.write_bytes(network.pack(named, characters, reach, draw(4096)[0]))
    whole, packed = in_floats(named), load(output)
    ids, target = draw(4096)
    rows = np.arange(len(target))
    for name, scores in (("trained", whole(ids)), ("in integers", packed.log_probs(ids.astype(np.uint16)))):
        print(f"{name}: loss {-scores[rows, target].mean():.4f}, first {(scores.argmax(1) == target).mean():.4f}")
    print(f"{output}: {output.stat().st_size:,} bytes", file=sys.stderr)


def pack(weights: Path, folder: Path, output: Path) -> None:
    from textfix.lm.cloze import Cloze

    write(weights, folder, output, sampler(folder, 3), REACH, Cloze.load)


def in_floats(named: dict[str, np.ndarray]) -> Any:
    """The network in floats, to compare with."""

    def log_probs(ids: np.ndarray) -> np.ndarray:
        x = np.maximum(named["embedding"][ids].reshape(len(ids), -1) @ named["first"] + named["bias1"], 0)
        x = x + np.maximum(x @ named["second"] + named["bias2"], 0)
        x = np.maximum(x @ named["third"] + named["bias3"], 0) @ named["answers"] + named["bias4"]
        x -= x.max(axis=1, keepdims=True)
        return np.asarray(x - np.log(np.exp(x).sum(axis=1, keepdims=True)))

    return log_probs


def run(doc: str | None, output: str, train: Any, pack: Any, cache: Any = None) -> int:
    """The command line of a training script; `output` is the file in confusables/ that it makes, `cache` what it can
    prepare."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    if cache:
        commands.add_parser("cache").add_argument("folder", type=Path)
    training = commands.add_parser("train")
    training.add_argument("folder", type=Path)
    training.add_argument("-o", "--output", type=Path, required=True)
    training.add_argument("--minutes", type=float, default=30)
    training.add_argument("--seed", type=int, default=1, help="another one for each time that training goes on")
    training.add_argument("--rate", type=float, default=RATE, help="learning rate to begin with")
    packing = commands.add_parser("pack")
    packing.add_argument("weights", type=Path)
    packing.add_argument("folder", type=Path)
    packing.add_argument("-o", "--output", type=Path, default=ROOT / "confusables" / output)
    options = parser.parse_args()
    if options.command == "cache":
        cache(options.folder)
    elif options.command == "train":
        train(options.folder, options.output, options.minutes, options.seed, options.rate)
    else:
        pack(options.weights, options.folder, options.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(run(__doc__, "cloze.bin", train, pack, cache))
