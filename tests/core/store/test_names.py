"""What a pasted name means: the hub's addresses, quotation marks, paths of files, lines of code."""

from pathlib import Path

import pytest

from core.store.names import meant


@pytest.mark.parametrize(
    ("text", "name", "revision"),
    [
        ("bert-base-uncased", "bert-base-uncased", ""),
        ("  'owner/model' ", "owner/model", ""),
        ("“owner/model”", "owner/model", ""),
        ("https://huggingface.co/owner/model", "owner/model", ""),
        ("https://huggingface.co/owner/model/", "owner/model", ""),
        ("http://hf.co/gpt2", "gpt2", ""),
        ("huggingface.co/owner/model?library=transformers", "owner/model", ""),
        ("https://huggingface.co/owner/model/tree/main", "owner/model", ""),
        ("https://huggingface.co/owner/model/tree/v2.0", "owner/model", "v2.0"),
        ("https://huggingface.co/owner/model/blob/main/config.json", "owner/model", ""),
        ("https://huggingface.co/gpt2/resolve/abc123/model.safetensors", "gpt2", "abc123"),
        ("https://huggingface.co/datasets/owner/set", "https://huggingface.co/datasets/owner/set", ""),
        ('AutoModel.from_pretrained("owner/model", revision="x")', "owner/model", ""),
        ("/no/such/model.safetensors", "/no/such/model.safetensors", ""),
        ("file:///no%20such/folder", "/no such/folder", ""),
        ("", "", ""),
    ],
)
def test_what_is_meant(text, name, revision):
    assert meant(text) == (name, revision)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "pytorch_model.bin"])
def test_a_file_of_a_model_means_its_folder(tmp_path: Path, file):
    (tmp_path / file).write_bytes(b"")
    assert meant(f'"{tmp_path / file}"') == (str(tmp_path), "")
    assert meant((tmp_path / file).as_uri()) == (str(tmp_path), "")
