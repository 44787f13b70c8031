"""What makes a model tiny: sizes by the name of a configuration's field, and what single types need besides."""

from __future__ import annotations

from typing import Any

WIDTH, HEADS, LAYERS, SIDE, PATCH = 32, 4, 4, 32, 8

#: size -> fields that are set to it, wherever a configuration has one of this name.
FIELDS: tuple[tuple[Any, str], ...] = (
    (
        WIDTH,
        "hidden_size d_model n_embd dim emb_dim embed_dim embedding_size d_embed hidden_dim word_embed_proj_dim "
        "projection_dim text_embed_dim image_embed_dim attention_hidden_size input_embedding_size "
        "output_embedding_size true_hidden_size intra_bottleneck_size encoder_hidden_dim decoder_hidden_size "
        "encoder_hidden_size cross_attention_hidden_size backbone_hidden_size lru_width out_hidden_size d_latents "
        "pooler_output_size mamba_intermediate linear_hidden_size adapter_in_dim codebook_dim base_channels "
        "conv_hidden_size",
    ),
    (
        HEADS,
        "num_attention_heads n_head n_heads encoder_attention_heads decoder_attention_heads num_heads "
        "num_encoder_attention_heads num_decoder_attention_heads num_self_attention_heads "
        "num_cross_attention_heads decoder_num_attention_heads num_experts num_local_experts n_routed_experts "
        "moe_num_experts rotary_dim time_step_rank",
    ),
    (
        LAYERS,
        "num_hidden_layers n_layer n_layers encoder_layers decoder_layers num_layers num_encoder_layers "
        "num_decoder_layers depth num_layers_per_stack",
    ),
    (
        40,
        "intermediate_size n_inner ffn_dim d_ff dff dim_ff d_inner encoder_ffn_dim decoder_ffn_dim "
        "moe_intermediate_size shared_expert_intermediate_size feed_forward_size ffn_hidden_size "
        "expert_ffn_hidden_size moe_shared_expert_intermediate_size dense_intermediate_size intermediate_size_mlp "
        "shared_intermediate_size decoder_intermediate_size expert_hidden_dim mlp_dim intermediate_multiple",
    ),
    (
        8,
        "head_dim d_kv v_head_dim qk_nope_head_dim qk_rope_head_dim attention_head_size dim_head kv_channels "
        "swa_head_dim global_head_dim swa_v_head_dim attention_head_dim mamba_d_head mamba_head_dim mamba_headdim "
        "linear_key_head_dim linear_value_head_dim linear_num_key_heads linear_num_value_heads index_head_dim "
        "index_n_heads linear_head_dim adapter_rank mamba_n_heads mamba_d_state state_size chunk_size "
        "mamba_chunk_size ssm_state_size mamba_num_heads router_hidden_size hidden_size_per_layer_input "
        "groups_width num_latents query_pre_attn_scalar",
    ),
    (16, "qk_head_dim kv_lora_rank q_lora_rank o_lora_rank num_mel_bins"),
    (
        2,
        "num_key_value_heads num_kv_heads n_head_kv swa_num_key_value_heads num_experts_per_tok moe_k moe_topk "
        "top_k_experts zero_expert_num mamba_expand max_window_layers type_vocab_size num_self_attends_per_block "
        "num_codebooks",
    ),
    (1, "n_group topk_group n_shared_experts num_shared_experts n_groups mamba_n_groups q_groups"),
    (0, "num_kv_shared_layers mem_len"),
    (
        256,
        "max_position_embeddings n_positions max_source_positions max_target_positions n_ctx "
        "max_encoder_position_embeddings max_decoder_position_embeddings max_length",
    ),
    (64, "sliding_window attention_window_size audio_vocab_size codebook_size"),
    (SIDE, "image_size"),
    (PATCH, "patch_size encoder_stride"),
    (6, "num_queries"),
    (3, "num_channels num_labels"),
    (16_000, "sampling_rate"),
)
#: Fields that count the heads of keys and values.
KEY_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "swa_num_key_value_heads")
SIZES: dict[str, Any] = {name: size for size, names in FIELDS for name in names.split()}

#: What shrinking alone leaves impossible, by type or by task/type.
BACKBONE = {
    "model_type": "resnet",
    "embedding_size": 16,
    "hidden_sizes": [16, 16, 32, 32],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
    "out_features": ["stage2", "stage3", "stage4"],
}
PICTURES = {"use_timm_backbone": False, "backbone": None, "backbone_config": BACKBONE}
LAST_STAGE = {**PICTURES, "backbone_config": {**BACKBONE, "out_features": ["stage4"]}}
BERT = {
    "vocab_size": 352,
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": HEADS,
    "intermediate_size": 40,
}
INDEXED = {
    "ple_layer_ids": [],
    "indexer_n_heads": 2,
    "indexer_kv_heads": 1,
    "indexer_head_dim": 8,
    "indexer_budget": 64,
    "indexer_compress_ratio": 1,
}
AXIAL = {
    "axial_pos_shape": [16, 16],
    "axial_pos_embds_dim": [8, 24],
    "attn_layers": ["local", "local"],
    "local_attn_chunk_length": 16,
    "lsh_attn_chunk_length": 16,
}
OVERRIDES: dict[str, dict[str, Any]] = {
    "align": {"vision_config.width_coefficient": 0.1, "vision_config.depth_coefficient": 0.1},
    "bailing_hybrid": {"layer_group_size": 2},
    "bamba": {"attn_layer_indices": [1, 3]},
    "blt": {"encoder_hash_byte_group_vocab": 64},
    "conditional_detr": LAST_STAGE,
    "dab-detr": LAST_STAGE,
    "dbrx": {"attn_config.rope_theta": 10_000.0, "attn_config.kv_n_heads": 2, "attn_config.clip_qkv": 8.0},
    "deepseek_v2": {"num_experts_per_tok": 2},
    "deformable_detr": PICTURES,
    "detr": LAST_STAGE,
    "dots1": {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1},
    "efficientnet": {"width_coefficient": 0.1, "depth_coefficient": 0.1},
    "encoder-decoder": {
        "encoder": {"model_type": "bert", **BERT},
        "decoder": {"model_type": "bert", "is_decoder": True, "add_cross_attention": True, **BERT},
    },
    "cohere_compass_text": {
        "rope_parameters": {"full_attention": {"rope_theta": 10_000.0, "rope_type": "default"}},
    },
    "dots3_note": {"num_key_value_heads": 4},
    "falcon_h1": {"mamba_d_ssm": 64},
    "gemma3n": {"text_config.intermediate_size": [40] * 4, "text_config.activation_sparsity_pattern": [0.0] * 4},
    "gemma3n_text": {"intermediate_size": [40] * 4, "activation_sparsity_pattern": [0.0] * 4},
    "gpt_neo": {"attention_types": [[["global", "local"], 2]]},
    "granitemoehybrid": {"layer_types": ["mamba", "attention", "mamba", "attention"]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "kimi_linear": {"layer_types": ["linear_attention", "full_attention"] * 2},
    "layoutlmv3": {"coordinate_size": 5, "shape_size": 6},
    "led": {"attention_window": 16, "max_encoder_position_embeddings": 512},
    "levit": {"image_size": 224, "patch_size": 16},
    "lfm2_moe": {
        "rope_parameters": {"rope_theta": 10_000.0, "rope_type": "default"},
        "layer_types": ["conv", "conv", "full_attention", "conv"],
    },
    "lilt": {"hidden_size": 24, "channel_shrink_ratio": 2},
    "lw_detr": {"backbone_config.num_windows": 4},
    "mamba2": {"num_heads": 8},
    "nemotron": {"num_key_value_heads": 4},
    "qwen4_exp": INDEXED,
    "qwen4_exp_text": INDEXED,
    "causal/reformer": {**AXIAL, "is_decoder": True},
    "masked/reformer": {**AXIAL, "is_decoder": False},
    "classes/reformer": {**AXIAL, "is_decoder": False},
    "swin": {"patch_size": 4, "window_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]},
    "donut-swin": {"patch_size": 4, "window_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]},
    "swinv2": {"patch_size": 4, "window_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]},
    "table-transformer": LAST_STAGE,
    "xmod": {"default_language": "en_XX"},
    "zamba": {"num_hidden_layers": 8, "attn_layer_period": 3, "attn_layer_offset": 2},
    "zamba2": {
        "layers_block_type": ["linear_attention", "hybrid", "linear_attention", "hybrid"],
        "mamba_headdim": 8,
        "n_mamba_heads": 8,
    },
    "zaya": {"num_experts_per_tok": 1},
}
