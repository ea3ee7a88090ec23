"""transformers' own ``generate`` on the plain weights, timed: what the runtime is measured beside."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from yuefu.models.export import load_hugging_face


def timed_generate(
    folder: Path, batches: Sequence[int], tokens: int, repeats: int, seed: int, done: Callable[[int], None]
) -> dict[int, list[float]]:
    """Batch -> seconds of each repeat for ``tokens`` sampled tokens in each of so many sequences, float32, with cache.

    folder: a Hugging Face folder; done: is told of each batch once its repeats are over. Raises
    InputError for another folder.
    """
    model = load_hugging_face(folder)
    torch.manual_seed(seed)
    found: dict[int, list[float]] = {}
    for batch in batches:
        ids = torch.tensor([[1, 2]] * batch)
        settings = {"do_sample": True, "use_cache": True, "pad_token_id": 0, "attention_mask": torch.ones_like(ids)}
        model.generate(ids, max_new_tokens=4, **settings)
        found[batch] = []
        for _ in range(repeats):
            start = time.perf_counter()
            model.generate(ids, max_new_tokens=tokens, min_new_tokens=tokens, **settings)
            found[batch].append(time.perf_counter() - start)
        done(batch)
    return found
