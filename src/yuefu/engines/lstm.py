"""A recurrent network: one step a token, so that it is quick; for tunes, drum patterns, basses and chords."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.info import EngineInfo
from yuefu.engines.lstm_inputs import ROWS, step_inputs
from yuefu.engines.reader import Ear, Reader

if TYPE_CHECKING:
    import onnxruntime

    from yuefu.generation.engine import Engine, Session


class LstmEngine:
    """Hears the chords, the tune, the bass and the drums, a bar ahead where they are given, and nothing else."""

    info = EngineInfo(
        name="lstm",
        en="a small recurrent network, three times as quick: carries on tunes, basses and drums over given chords",
        zh="小型循环网络，快两倍：在给定和弦上续写旋律、低音与鼓型",
        rows=ROWS,
        tasks=("compose", "fill", "continue", "vary"),
    )

    @cached_property
    def _engine(self) -> LstmRuntime:
        path = self.info.weights()
        assert path is not None
        return LstmRuntime(path)

    def tokens(self) -> Engine:
        """The network in onnxruntime."""
        return self._engine


class LstmRuntime:
    """onnxruntime over the exported network. Sessions share it; it may run on several threads at once."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def session(self) -> Session:
        """A new, empty sequence."""
        return _LstmSession(self._network)


#: How far a sequence was heard: tokens, hidden state, cell state, logits of the next token.
_State = tuple[int, NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class _LstmSession:
    """Keeps the state after every stretch that was appended, so that going back is exact."""

    def __init__(self, network: onnxruntime.InferenceSession) -> None:
        self._network = network
        width = next(each.shape[0] for each in network.get_inputs() if each.name == "h")
        size = network.get_outputs()[0].shape[0]
        nothing = np.zeros(width, dtype=np.float32)
        self._states: list[_State] = [(0, nothing, nothing, np.zeros(size, dtype=np.float32))]
        self._ids: list[int] = []
        self._reader, self._ear = Reader(), Ear(ROWS)

    def append(self, ids: Sequence[int]) -> None:
        steps = []
        for token in map(int, ids):
            self._ids.append(token)
            if self._ear.hears(token):
                self._reader.push(token)
                steps.append(step_inputs(self._reader))
        _, h, c, logits = self._states[-1]
        if steps:
            feed = {
                "tokens": np.array([tokens for tokens, _ in steps], dtype=np.int64),
                "facts": np.array([facts for _, facts in steps], dtype=np.int64),
                "h": h,
                "c": c,
            }
            logits, h, c = self._network.run(None, feed)
        self._states.append((len(self._ids), h, c, logits))

    def logits(self) -> NDArray[np.float32]:
        return self._states[-1][3]

    def rewind(self, length: int) -> None:
        kept = self._ids[:length]
        while self._states[-1][0] > length:
            self._states.pop()
        known = self._states[-1][0]
        self._ids, self._reader, self._ear = kept[:known], Reader(), Ear(ROWS)
        for token in self._ids:
            if self._ear.hears(token):
                self._reader.push(token)
        if known < length:
            self.append(kept[known:])

    @property
    def length(self) -> int:
        return len(self._ids)
