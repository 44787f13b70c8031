"""The tokenizer of emoji-clip: pieces of the names and keywords of emoji in all languages, between CLIP's marks."""

from __future__ import annotations

from tokenizers import processors
from transformers import PreTrainedTokenizerFast

from core.data.scenes import Emoji
from training.bpe import train_bpe

VOCABULARY = 12_000
POSITIONS = 64  # tokens of a text
START, END, PADDING = "<|startoftext|>", "<|endoftext|>", "<pad>"


def train_tokenizer(some: tuple[Emoji, ...]) -> PreTrainedTokenizerFast:
    """BPE over all names and keywords, put between CLIP's start and end marks."""
    texts = [t for one in some for code in one.names for t in (one.names[code], *one.keywords.get(code, ()))]
    # END must not be number 2: transformers then takes a text's token with the largest number for the whole text.
    tokenizer = train_bpe(texts, VOCABULARY, [PADDING, START, "<unk>", END])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(t, tokenizer.token_to_id(t)) for t in (START, END)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PADDING,
        bos_token=START,
        eos_token=END,
        unk_token="<unk>",
        model_max_length=POSITIONS,
        model_input_names=["input_ids", "attention_mask"],
    )
