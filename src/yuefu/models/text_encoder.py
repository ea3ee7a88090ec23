"""Vectors of texts by a pretrained model in a local folder: any encoder or causal model that transformers loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from yuefu.errors import InputError

#: Longer texts are cut, in tokens.
MAX_TOKENS = 256
#: Texts that are run together, at most.
BATCH = 32
#: Files of which a tokenizer's folder has at least one.
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "*.model")
#: Parameters that may be missing, since no token's hidden state depends on them.
_UNUSED = ("pooler", "lm_head", "classifier")


class TextEncoder:
    """A model and its tokenizer, on the CPU in float32.

    Nothing is fetched and no code in the folder is run. Raises InputError, with one sentence, for a folder that isn't
    there or holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            raise InputError(f"'{folder}' isn't a folder: give one that holds a transformers model.")
        if not (folder / "config.json").is_file():
            raise InputError(f"'{folder}' holds no model: config.json is missing.")
        if not any(any(folder.glob(name)) for name in TOKENIZER_FILES):
            raise InputError(f"'{folder}' holds no tokenizer: save the model's tokenizer beside it.")
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        self.tokenizer: Any = self._loaded("tokenizer", lambda: AutoTokenizer.from_pretrained(str(folder), **local))
        model, told = self._loaded(
            "model", lambda: AutoModel.from_pretrained(str(folder), output_loading_info=True, **local)
        )
        missing = sorted(name for name in told["missing_keys"] if not any(part in name for part in _UNUSED))
        if missing:
            raise InputError(f"the model in '{folder}' is incomplete: {len(missing)} of its weights are missing.")
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        self.model: Any = self._loaded("model", lambda: model.float().eval())
        self.tokens: int = self._loaded("model", lambda: self.model.get_input_embeddings().weight.shape[0])
        pad = self.tokenizer.pad_token_id
        self.pad = pad if pad is not None and 0 <= pad < self.tokens else 0
        places = getattr(self.model.config, "max_position_embeddings", None) or MAX_TOKENS + 2
        # Some models number positions from 2.
        self.most = max(1, min(MAX_TOKENS, places - 2, getattr(self.tokenizer, "model_max_length", MAX_TOKENS)))
        self._loaded("model", lambda: self.vectors(["a"]))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(texts, width), each of length 1: the mean of the last hidden states over a text's tokens."""
        ids = [self._ids(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: (len(ids[i]), i))
        found: list[NDArray[np.float32]] = [np.zeros(0, dtype=np.float32)] * len(ids)
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            for place, vector in zip(some, self._run([ids[i] for i in some]), strict=True):
                found[place] = vector
        return np.stack(found)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, truncation=True, max_length=self.most)["input_ids"]
        if ids and max(ids) >= self.tokens:
            raise InputError(
                f"the tokenizer in '{self.folder}' isn't the model's: it knows more than {self.tokens} tokens."
            )
        return ids

    @torch.inference_mode()
    def _run(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        width = max(1, max(map(len, batch)))
        ids = torch.full((len(batch), width), self.pad)
        mask = torch.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.long)
            mask[row, : max(1, len(tokens))] = 1
        hidden = self.model(input_ids=ids, attention_mask=mask, return_dict=True).last_hidden_state
        there = mask[..., None].to(hidden.dtype)
        mean = (hidden * there).sum(dim=1) / there.sum(dim=1)
        if not bool(torch.isfinite(mean).all()):
            raise InputError(f"the model in '{self.folder}' gives no numbers for a text: its weights may be damaged.")
        vectors: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors

    def _loaded(self, what: str, load: Callable[[], Any]) -> Any:
        try:
            return load()
        except InputError:
            raise
        except Exception as error:  # what transformers raises for a bad folder has no common kind
            said = " ".join(str(error).split())[:160] or type(error).__name__
            raise InputError(f"the {what} in '{self.folder}' can't be loaded: {said}") from error
