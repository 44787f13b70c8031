"""torch and transformers, loaded whole by whoever needs them first; all of core takes transformers from here.

transformers loads itself bit by bit, puts another module in its own place while it does, and so bears one importing
thread: a second one is given the first module, which holds nothing. A server's first pages and its warm-up come at the
same time. Whoever comes second waits here until the first is done.
"""

import torch  # noqa: F401
import transformers
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    AttentionInterface,
    AttentionMaskInterface,
    AutoConfig,
    AutoImageProcessor,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import eager_mask
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES

__all__ = [
    "CONFIG_MAPPING",
    "MODEL_FOR_CAUSAL_LM_MAPPING",
    "MODEL_FOR_MASKED_LM_MAPPING",
    "PROCESSOR_MAPPING_NAMES",
    "AttentionInterface",
    "AttentionMaskInterface",
    "AutoConfig",
    "AutoImageProcessor",
    "AutoTokenizer",
    "PreTrainedConfig",
    "PreTrainedModel",
    "eager_mask",
    "sdpa_attention_forward",
    "transformers",
]
