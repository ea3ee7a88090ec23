"""A real causal language model behind a real loopback server: one that knows nothing, and one that learnt one answer.

Like ``transformers serve`` the server pays no heed to ``response_format``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.llm.server import Handler, completion, serving

from yuefu import LlmSettings, compose
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.workflows.llm_brief import consult

pytestmark = [pytest.mark.train, pytest.mark.model, pytest.mark.slow]
LEARNT = '{"style": "jazz", "tempo": 88}'
ASSISTANT = "<|assistant|>"
#: Tokens of a prompt that the model gets to see.
HEARD = 40


@dataclass
class Chat:
    """A tiny model with its tokenizer. written: what it answered."""

    model: Any
    tokenizer: Any
    written: list[str] = field(default_factory=list)

    def __call__(self, handler: Handler, number: int, body: dict[str, Any]) -> None:
        """Answer one request of the chat completions protocol."""
        import torch

        prompt = "".join(f"<|{m['role']}|>{m['content']}" for m in body["messages"])
        ids = torch.tensor([self.tokenizer.encode(prompt)[-HEARD:] + self.tokenizer.encode(ASSISTANT)])
        torch.manual_seed(number)
        with torch.no_grad():
            made = self.model.generate(
                ids, max_new_tokens=min(body["max_tokens"], 48), do_sample=True, temperature=0.1,
                attention_mask=torch.ones_like(ids), eos_token_id=self.tokenizer.eos_token_id, pad_token_id=0,
            )[0, ids.shape[1] :]  # fmt: skip
        text = self.tokenizer.decode(made, skip_special_tokens=True)
        self.written.append(text)
        ended = self.tokenizer.eos_token_id in made.tolist()
        handler.send(completion(text, "stop" if ended else "length"))


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A model of two layers with random weights, and a tokenizer of single bytes."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    signs = ["<pad>", "<|end|>", ASSISTANT, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    bare = Tokenizer(BPE({sign: number for number, sign in enumerate(signs)}, []))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="<|end|>", pad_token="<pad>",
                                        additional_special_tokens=[ASSISTANT])  # fmt: skip
    torch.manual_seed(11)
    config = LlamaConfig(
        vocab_size=len(signs), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=256, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Chat(LlamaForCausalLM(config).eval(), tokenizer)
    torch.set_num_threads(before)


def test_a_model_that_knows_nothing_leaves_everything_to_the_embedded_path(chat: Chat) -> None:
    """Noise from a real model on every rung of every task: the embedded reader's piece, and a notice each."""
    with serving(chat) as heard:
        piece = compose("a small waltz for piano", bars=4, seed=5, candidates=1, engine="llm", write_lyrics=True,
                        explain=True, llm=LlmSettings(heard.url, "tiny"))  # fmt: skip
    assert len(chat.written) >= 12
    assert all(chat.written)
    assert piece.llm is not None
    assert piece.llm.fields == ()
    assert len(piece.llm.notices) == 4
    assert piece.midi == compose("a small waltz for piano", bars=4, seed=5, candidates=1).midi


def test_a_model_that_learnt_one_answer_is_heard(chat: Chat) -> None:
    """The same model after some training on one brief: its style and tempo are in the brief as its own."""
    import torch

    answer = torch.tensor(chat.tokenizer.encode(ASSISTANT + LEARNT + "<|end|>"))
    optimizer = torch.optim.AdamW(chat.model.parameters(), lr=3e-3)
    for _ in range(600):
        talk = torch.randint(3, chat.model.config.vocab_size, (8, HEARD))
        ids = torch.cat([talk, answer.expand(8, -1)], 1)
        labels = ids.clone()
        labels[:, : talk.shape[1] + 1] = -100
        optimizer.zero_grad()
        loss = chat.model(ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        if loss < 0.01:
            break
    with serving(chat) as heard:
        asked = consult(read_brief("rain", BriefOptions(seed=1)), LlmSettings(heard.url, "tiny"))
    assert json.loads(chat.written[0]) == json.loads(LEARNT)
    assert (asked.brief.style.value, asked.brief.style.source) == ("jazz", "llm")
    assert (asked.brief.tempo.value, asked.brief.tempo.source) == (88, "llm")
    assert asked.record.notices == ()
