"""The fill model: a small Llama-architecture language model with structured embeddings.

Tokens that have something in common (a pitch class, a beat, a row) share a part of their vector
while training; ``to_llama`` writes the sums out as one plain matrix, so that a checkpoint is an
ordinary ``transformers.LlamaForCausalLM`` folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from yuefu.errors import InputError
from yuefu.tokens.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class FillConfig:
    """Sizes. width: model dimension; inner: of the gated feed-forward layer; context: tokens."""

    width: int = 256
    layers: int = 6
    heads: int = 4
    inner: int = 704
    context: int = 2048
    dropout: float = 0.0

    def llama(self, vocabulary: Vocabulary) -> LlamaConfig:
        """The transformers configuration of this size."""
        return LlamaConfig(
            vocab_size=len(vocabulary),
            hidden_size=self.width,
            intermediate_size=self.inner,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.heads,
            max_position_embeddings=self.context,
            bos_token_id=vocabulary.bos,
            eos_token_id=vocabulary.eos,
            pad_token_id=vocabulary.pad,
            tie_word_embeddings=False,
            attention_dropout=self.dropout,
            use_cache=False,
        )


class FillModel(nn.Module):
    """The model while training. The output matrix is tied to the input embeddings."""

    marks: Tensor

    def __init__(self, config: FillConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.llama = LlamaForCausalLM(config.llama(vocabulary))
        self.llama.lm_head = nn.Identity()  # logits come from the tied embedding below
        marks, _ = vocabulary.features()
        self.register_buffer("marks", torch.from_numpy(marks), persistent=False)
        self.own = nn.Parameter(torch.randn(len(vocabulary), config.width) * 0.02)
        self.shared = nn.Parameter(torch.randn(marks.shape[1], config.width) * 0.02)
        self.llama.model.embed_tokens.weight.requires_grad_(False)
        self.drop = nn.Dropout(config.dropout)

    def embedding(self) -> Tensor:
        """The (vocabulary, width) matrix: each token's own vector plus those of its features."""
        return self.own + self.marks @ self.shared

    def hidden(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Last hidden states (batch, length, width) for ids (batch, length), and the embedding matrix."""
        table = self.embedding()
        scale = self.config.width**0.5  # unit-size inputs, small tied outputs
        inputs = self.drop(functional.embedding(ids, table) * scale)
        return self.llama.model(inputs_embeds=inputs, use_cache=False).last_hidden_state, table

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (batch, length, vocabulary) for ids (batch, length)."""
        hidden, table = self.hidden(ids)
        return hidden @ table.T

    def token_losses(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Cross-entropy in nats of the tokens whose weight isn't zero, and where they are.

        ids, weights: (batch, length). Returns losses (n,) and flat indices (n,) into the
        (batch, length - 1) array of predicted tokens.
        """
        logits, index = self.token_logits(ids, weights)
        return functional.cross_entropy(logits, ids[:, 1:].reshape(-1)[index], reduction="none"), index

    def token_logits(self, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, vocabulary) at the tokens whose weight isn't zero, and where they are, as ``token_losses``."""
        hidden, table = self.hidden(ids[:, :-1])
        index = weights[:, 1:].reshape(-1).nonzero().squeeze(1)
        return (hidden.reshape(-1, hidden.shape[-1])[index] @ table.T).float(), index

    def to_llama(self) -> LlamaForCausalLM:
        """The same function as a plain LlamaForCausalLM, on the CPU, in float32."""
        plain = LlamaForCausalLM(self.config.llama(self.vocabulary))
        state = {k: v for k, v in self.llama.state_dict().items() if "lm_head" not in k}
        table = self.embedding().detach().float().cpu()
        state["model.embed_tokens.weight"] = table * self.config.width**0.5
        state["lm_head.weight"] = table
        plain.load_state_dict({k: v.float().cpu() for k, v in state.items()})
        return plain.eval()

    @classmethod
    def from_llama(cls, plain: LlamaForCausalLM, vocabulary: Vocabulary, dropout: float = 0.0) -> FillModel:
        """The same function as a model to train on: its output matrix becomes each token's own vector, nothing shared.

        Raises InputError when the plain model can't be written so: another vocabulary's size, fewer key than
        query heads, or input embeddings that aren't the output matrix times the square root of the width.
        """
        told = plain.config
        if told.vocab_size != len(vocabulary):
            raise InputError(f"the weights know {told.vocab_size} tokens, this version has {len(vocabulary)}: retrain.")
        if told.num_key_value_heads != told.num_attention_heads:
            raise InputError("the weights share keys between heads, which a fill model doesn't: take a fill model's.")
        sizes = (told.hidden_size, told.num_hidden_layers, told.num_attention_heads, told.intermediate_size)
        model = cls(FillConfig(*sizes, told.max_position_embeddings, dropout), vocabulary)
        state = {name: value.float().cpu() for name, value in plain.state_dict().items()}
        table = state.pop("lm_head.weight")
        scaled = table * told.hidden_size**0.5
        inputs = state["model.embed_tokens.weight"]
        if not torch.allclose(inputs, scaled, rtol=2e-2, atol=2e-3 * float(scaled.abs().max())):
            raise InputError(
                "the weights' input and output embeddings have drifted apart: tune with embeddings left as they are."
            )
        model.llama.load_state_dict(state)
        with torch.no_grad():
            model.own.copy_(table)
            model.shared.zero_()
        return model


def parameter_groups(model: nn.Module, weight_decay: float) -> Iterable[dict]:
    """Matrices decay, vectors and embeddings don't."""
    decay = [p for n, p in model.named_parameters() if p.requires_grad and p.ndim >= 2 and n.startswith("llama")]
    rest = [p for n, p in model.named_parameters() if p.requires_grad and not (p.ndim >= 2 and n.startswith("llama"))]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
