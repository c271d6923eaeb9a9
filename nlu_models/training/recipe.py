"""The settings of a training, chosen on validation data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """What goes into the hash of the model, beside data, code and base weights.

    Attributes:
        epochs: at most so many passes over the training part.
        patience: stop after so many epochs without a better validation part.
        learning_rate: of the encoder, at its highest.
        head_learning_rate: of the two new layers, which start from nothing.
        warm_up: share of the steps in which the rates rise.
        label_smoothing: probability mass taken from the right label.
        augmented: chance that an utterance is changed (typos, case, punctuation, other numbers).
        validation, test: shares of each label kept out of training.
        max_tokens: longer messages are cut.
        opset: version of ONNX's operators in the exported model.
    """

    seed: int = 20_261_122
    epochs: int = 6
    patience: int = 3
    batch_size: int = 32
    learning_rate: float = 1e-4
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warm_up: float = 0.1
    label_smoothing: float = 0.1
    dropout: float = 0.1
    augmented: float = 0.5
    validation: float = 0.1
    test: float = 0.1
    max_tokens: int = 128
    opset: int = 17
