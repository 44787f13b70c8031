"""Tiny random decoders of pictures and words, saved as whole folders, processor included, made without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, models, pre_tokenizers

from core.requests import PictureTextRequest

WORDS = ("<unk>", "<s>", "</s>", "<pad>", "the", "a", "cat", "dog", "sits", "on", "what", "is", "in", "picture", "?")
MARKS = ("User", ":", "Assistant")
QUESTION = "what is the cat on ?"
TEXT = {
    "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 256, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 3,
}  # fmt: skip
SEES = {"hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4}


def tokenizer_of(special: dict[str, str]) -> Any:
    """Whole words; special: name of an attribute -> token."""
    words = [*WORDS, *MARKS, *special.values()]
    whole = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    whole.pre_tokenizer = pre_tokenizers.Whitespace()
    return hf.PreTrainedTokenizerFast(
        tokenizer_object=whole, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        extra_special_tokens=special,
    )  # fmt: skip


def template(mark: str, before: str = "") -> str:
    """A chat template that gives a picture this mark."""
    each = "{% if c['type'] == 'image' %}" + mark + "{% else %} {{ c['text'] }}{% endif %}"
    message = "{% for m in messages %}User : {% for c in m['content'] %}" + each + "{% endfor %} {% endfor %}"
    return f"{before}{message}Assistant :"


def sized(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


def llava() -> tuple[Any, Any, Any]:
    return in_llavas_form("Llava", hf.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=sized(32)))


def in_llavas_form(kind: str, pictures: Any, **more: Any) -> tuple[Any, Any, Any]:
    """A CLIP that sees before a Llama that reads; kind: Llava or LlavaNext, more: of its configuration."""
    words = tokenizer_of({"image_token": "<image>"})
    processor = getattr(hf, f"{kind}Processor")(
        pictures, words, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=template("<image>"),
    )  # fmt: skip
    config = getattr(hf, f"{kind}Config")(
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT).to_dict(),
        vision_config=hf.CLIPVisionConfig(**SEES, image_size=32, patch_size=8, projection_dim=32).to_dict(),
        image_token_index=words.convert_tokens_to_ids("<image>"),
        **more,
    )
    return getattr(hf, f"{kind}ForConditionalGeneration"), config, processor


def idefics(name: str) -> tuple[Any, Any, Any]:
    """Idefics3, and SmolVLM: 64 px in patches of 8, four of which become a token: a grid of 4 x 4."""
    tiles = {f"tile_{i}{j}": f"<row_{i + 1}_col_{j + 1}>" for i in range(6) for j in range(6)}
    marks = {"image_token": "<image>", "fake_image_token": "<fake_token_around_image>", "end": "<end_of_utterance>"}
    words = tokenizer_of({**marks, "global_image_token": "<global-img>", **tiles})
    pictures = getattr(hf, f"{name}ImageProcessorPil")(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    processor = hf.Idefics3Processor(pictures, words, image_seq_len=16, chat_template=template("<image>"))
    vision = getattr(hf, f"{name}VisionConfig")(**SEES, image_size=64, patch_size=8)
    config = getattr(hf, f"{name}Config")(
        text_config=hf.LlamaConfig(vocab_size=len(words), **TEXT).to_dict(), vision_config=vision.to_dict(),
        image_token_id=words.convert_tokens_to_ids("<image>"), scale_factor=2, pad_token_id=3,
    )  # fmt: skip
    return getattr(hf, f"{name}ForConditionalGeneration"), config, processor


def qwen(name: str) -> tuple[Any, Any, Any]:
    words = tokenizer_of({"image_token": "<|image_pad|>", "video_token": "<|video_pad|>", "opens": "<|vision_start|>"})
    pictures = hf.Qwen2VLImageProcessorPil(
        patch_size=8, merge_size=2, temporal_patch_size=2, size={"shortest_edge": 32 * 32, "longest_edge": 64 * 64}
    )
    told = {
        f"{one}_token_id": words.convert_tokens_to_ids(f"<|{of}|>")
        for one, of in (("image", "image_pad"), ("video", "video_pad"), ("vision_start", "vision_start"))
    }
    turned = {"rope_type": "default", "mrope_section": [1, 1, 2]}
    sees: dict[str, Any] = {"depth": 2, "num_heads": 4, "patch_size": 8, "spatial_merge_size": 2}
    sees |= {
        "temporal_patch_size": 2,
        "hidden_size": 32,
        "embed_dim": 32,
        "intermediate_size": 40,
        "out_hidden_size": 32,
        "window_size": 32,
    }
    sees |= {"fullatt_block_indexes": [1], "mlp_ratio": 2}
    config = getattr(hf, f"{name}Config")(
        text_config={"vocab_size": len(words), **TEXT, "rope_parameters": turned},
        vision_config=sees,
        **told,
    )
    kind = getattr(hf, f"{name}Processor")
    saved = Saved(kind.__name__, pictures, words, template("<|vision_start|><|image_pad|>"))
    return getattr(hf, f"{name}ForConditionalGeneration"), config, saved


class Saved:
    """What a folder holds of a processor that wants a package for films before it can be made."""

    def __init__(self, kind: str, pictures: Any, words: Any, chat: str) -> None:
        self.kind, self.pictures, self.words, self.chat = kind, pictures, words, chat

    def save_pretrained(self, folder: Path) -> None:
        self.words.chat_template = self.chat
        self.words.save_pretrained(folder)
        self.pictures.save_pretrained(folder)


def gemma() -> tuple[Any, Any, Any]:
    marks = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    words = tokenizer_of(marks)
    pictures = hf.Gemma3ImageProcessorPil(size=sized(32))
    chat = template("<start_of_image>", "{{ bos_token }}")
    processor = hf.Gemma3Processor(pictures, words, chat_template=chat, image_seq_length=4)
    text = {**TEXT, "head_dim": 8, "sliding_window": 8, "query_pre_attn_scalar": 8, "num_hidden_layers": 6}
    config = hf.Gemma3Config(
        text_config=hf.Gemma3TextConfig(vocab_size=len(words), **text).to_dict(),
        vision_config=hf.SiglipVisionConfig(**SEES, image_size=32, patch_size=8).to_dict(),
        mm_tokens_per_image=4, image_token_index=words.convert_tokens_to_ids("<image_soft_token>"),
        boi_token_index=words.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=words.convert_tokens_to_ids("<end_of_image>"),
    )  # fmt: skip
    return hf.Gemma3ForConditionalGeneration, config, processor


def paligemma() -> tuple[Any, Any, Any]:
    """The picture stands before all words, and there is no chat template."""
    words = tokenizer_of({"image_token": "<image>"})
    pictures = hf.SiglipImageProcessorPil(size=sized(32))
    pictures.image_seq_length = 16
    processor = hf.PaliGemmaProcessor(pictures, words)
    config = hf.PaliGemmaConfig(
        text_config=hf.GemmaConfig(vocab_size=len(words) + 1100, head_dim=8, **TEXT).to_dict(),
        vision_config=hf.SiglipVisionConfig(**SEES, image_size=32, patch_size=8, projection_dim=32).to_dict(),
        image_token_id=words.convert_tokens_to_ids("<image>"), projection_dim=32, hidden_size=32,
    )  # fmt: skip
    return hf.PaliGemmaForConditionalGeneration, config, processor


def llava_next() -> tuple[Any, Any, Any]:
    """A picture in tiles, and as a whole before them."""
    tiles = [[32, 64], [64, 32], [64, 64]]
    pictures = hf.LlavaNextImageProcessorPil(
        size={"shortest_edge": 32}, crop_size=sized(32), image_grid_pinpoints=tiles
    )
    return in_llavas_form("LlavaNext", pictures, image_grid_pinpoints=tiles)


TILED = {"llava_next": llava_next}
MADE: dict[str, Callable[[], tuple[Any, Any, Any]]] = {
    "llava": llava,
    "idefics3": lambda: idefics("Idefics3"),
    "smolvlm": lambda: idefics("SmolVLM"),
    "qwen2_vl": lambda: qwen("Qwen2VL"),
    "qwen2_5_vl": lambda: qwen("Qwen2_5_VL"),
    "gemma3": gemma,
    "paligemma": paligemma,
}


def saved_vision_language(name: str, folder: Path) -> Path:
    """A random model of this type as a folder, its tokenizer and processor beside it."""
    kind, config, processor = (MADE | TILED)[name]()
    torch.manual_seed(0)
    model = kind(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # far enough from zero that attention is far from even
            if parameter.dim() > 1:
                parameter.normal_(0, 0.2)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def asked(folder: Path, image: str = "cat-and-dog", text: str = QUESTION) -> PictureTextRequest:
    return PictureTextRequest(str(folder), image, text)
