"""Scoring: the distributions that the shipped runtime gives at every place of a sequence, in one pass.

An engine's session gives the logits of one next token; to measure how likely a whole written
sequence is, ``Scorer`` runs the same ``model.onnx`` once over all of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yuefu.errors import InputError, LimitError
from yuefu.generation.engine import MAX_LENGTH


class Scorer:
    """onnxruntime over a runtime folder (``model.onnx``, ``genai_config.json``). No torch.

    A quantised matrix product rounds a little differently for one token than for many, so log-probabilities
    differ from a session's by some thousandths of a nat on average (hundredths at most), with no bias to
    either side.

    threads: that one pass may use. Raises InputError for a folder without a model.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        try:
            told = json.loads((folder / "genai_config.json").read_text("utf-8"))["model"]
        except OSError as error:
            raise InputError(f"{folder} isn't a model folder: it has no genai_config.json.") from error
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / told["decoder"]["filename"]), options, providers=["CPUExecutionProvider"]
        )
        decoder = told["decoder"]
        nothing = np.zeros((1, decoder["num_key_value_heads"], 0, decoder["head_size"]), dtype=np.float32)
        self._past = {i.name: nothing for i in self._session.get_inputs() if i.name.startswith("past_key_values.")}
        self._logits = decoder["outputs"]["logits"]

    def log_probabilities(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """(len(ids) - 1, vocabulary) log-probabilities in nats; row i is the distribution of ``ids[i + 1]``.

        Raises InputError for fewer than two tokens, LimitError for more than a session holds.
        """
        if len(ids) < 2:
            raise InputError(f"a sequence of {len(ids)} tokens has nothing to score: give at least two.")
        if len(ids) > MAX_LENGTH:
            raise LimitError(f"a sequence of {len(ids)} tokens is too long: the model holds {MAX_LENGTH}.")
        array = np.asarray(ids, dtype=np.int64)[None, :-1]
        feed = {"input_ids": array, "attention_mask": np.ones_like(array), **self._past}
        (logits,) = self._session.run([self._logits], feed)
        return log_softmax(logits[0])

    def token_nats(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """(len(ids),) negative log-probability of each token in nats; 0 for the first, which nothing predicts."""
        nats = np.zeros(len(ids))
        nats[1:] = -self.log_probabilities(ids)[np.arange(len(ids) - 1), np.asarray(ids)[1:]]
        return nats


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithms of the softmax along the last axis, without overflow.

    >>> log_softmax(np.array([0.0, 0.0], dtype=np.float32)).round(3).tolist()
    [-0.6930000185966492, -0.6930000185966492]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
