"""The settings of a training, chosen on validation data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """What goes into the hash of the model, beside data, code and base weights.

    Attributes:
        epochs: at most so many passes over the training part.
        patience: stop after so many epochs without a better validation part.
        learning_rate: of the encoder, at its highest.
        head_learning_rate: of the new layers.
        head_scale: length of a label's weights at the beginning, when they are its mean sentence vector.
        frozen_layers: the lowest layers of the encoder, which stay as they are, with what is under them.
        warm_up: share of the steps in which the rates rise.
        label_smoothing: probability mass taken from the right label.
        contrast: weight of the supervised contrastive loss beside that of the labels.
        contrast_temperature: by which it divides cosines.
        memory: sentence vectors of earlier batches that it compares with.
        adversary: how far the word vectors of a message are moved to where that hurts most, in a second pass of each
            batch that costs as much as the first; 0 for none.
        sentiments_an_epoch: the share of the sentiment rows in an epoch; few labels need fewer rows.
        sentiment_weight: of such a row beside a row of an intent, since they are few.
        augmented: chance that an utterance is changed (typos, case, punctuation, other numbers).
        decorated: chance that a wish gets courtesies or a picture around it.
        joined: chance that an utterance is joined to one of another wish, so that two wishes are learnt too.
        validation, test: shares of each label kept out of training.
        max_tokens: longer messages are cut.
        opset: version of ONNX's operators in the exported model.
    """

    seed: int = 20_261_122
    epochs: int = 3
    patience: int = 1
    batch_size: int = 64
    learning_rate: float = 3e-4
    head_learning_rate: float = 3e-3
    head_scale: float = 10.0
    weight_decay: float = 0.01
    frozen_layers: int = 2
    warm_up: float = 0.1
    label_smoothing: float = 0.1
    contrast: float = 0.5
    contrast_temperature: float = 0.1
    memory: int = 1024
    dropout: float = 0.1
    adversary: float = 0.0
    sentiments_an_epoch: float = 0.4
    sentiment_weight: float = 3.0
    augmented: float = 0.4
    decorated: float = 0.15
    joined: float = 0.05
    validation: float = 0.08
    test: float = 0.08
    max_tokens: int = 128
    opset: int = 17
