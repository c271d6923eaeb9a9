"""What the network is shown and how it is told: batches, contrast, dropout."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers
from torch import nn
from torch.nn import functional

from nlu_models.training.adversary import Adversary
from nlu_models.training.base_model import BaseModelError, find_base_model
from nlu_models.training.batches import Example, batches, halves, pad, steps_an_epoch, tokenizer_of
from nlu_models.training.contrast import Memory
from nlu_models.training.dropout import PooledDropout, seed_dropout
from nlu_models.training.learner import Learner
from nlu_models.training.network import TwoHeads
from nlu_models.training.recipe import Recipe

NAMES = ("cancel_order", "greet", "track_order")
TRAIN = [
    *(Example(f"cancel my order number {place}", intents=(0,)) for place in range(40)),
    *(Example(f"hello there {place}", intents=(1,)) for place in range(40)),
    *(Example(f"where is parcel {place}", intents=(2,)) for place in range(40)),
    *(Example(f"so sad {place}", sentiment=1) for place in range(40)),
]


TOKENIZER = tokenizer_of(find_base_model(), 64)


def epoch(**changes: float) -> list[Example]:
    recipe = replace(Recipe(), **changes)
    shown = batches(TRAIN, NAMES, TOKENIZER, recipe, random.Random(1))
    return [example for batch in shown for example in batch]


def test_an_epoch_shows_every_intent_row_once_and_its_share_of_the_moods() -> None:
    shown = epoch(joined=0.0, augmented=0.0, decorated=0.0, sentiments_an_epoch=0.5)
    assert sorted(example.text for example in shown if example.intents) == sorted(
        example.text for example in TRAIN if example.intents
    )
    assert sum(not example.intents for example in shown) == 20
    assert steps_an_epoch(TRAIN, replace(Recipe(), sentiments_an_epoch=0.5)) == -(-140 // Recipe().batch_size)


def test_a_batch_is_of_utterances_of_like_length_in_tokens_so_that_hardly_any_of_it_is_padding() -> None:
    # As many characters are few tokens of words, and many of odd letters.
    train = [
        Example(text, intents=(0,))
        for length in range(1, 41)
        for text in (" ".join(["orders"] * length), " ".join(["xqzvwj"] * length))
    ]
    recipe = replace(Recipe(), joined=0.0, augmented=0.0, decorated=0.0, batch_size=8)
    shown = [*batches(train, NAMES, TOKENIZER, recipe, random.Random(1))]
    masks = [pad(TOKENIZER.encode_batch([example.text for example in batch]))[1] for batch in shown]
    assert sum(mask.numel() for mask in masks) < 1.25 * sum(int(mask.sum()) for mask in masks)
    widths = [mask.shape[1] for mask in masks]
    assert widths != sorted(widths)  # short and long batches take turns


def test_joined_utterances_have_two_different_wishes_and_know_where_the_second_begins() -> None:
    joined = [
        example for example in epoch(joined=1.0, augmented=0.0, decorated=0.0) if len(example.intents) == 2
    ]
    assert len(joined) > 20
    texts = {example.text: example.intents for example in TRAIN}
    for example in joined:
        assert set(example.intents) == {0, 2}  # a greeting is no wish
        assert texts[example.text[example.border :]] == example.intents[1:]


def test_the_tokens_of_joined_utterances_are_told_apart() -> None:
    example = Example("cancel it. where is it", intents=(0, 2), border=len("cancel it. "))
    encoding = TOKENIZER.encode(example.text)
    before, after = halves([example], [encoding], len(encoding.ids))
    words = [token for token, kept in zip(encoding.tokens, after[0], strict=True) if kept]
    assert words == ["where", "is", "it"]
    assert [token for token, kept in zip(encoding.tokens, before[0], strict=True) if kept] == [
        "cancel",
        "it",
        ".",
    ]


def test_contrast_is_lower_when_like_is_near_like() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    near = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
    mixed = near[[0, 2, 1, 3]]
    assert Memory(16).loss(near, labels, 0.1) < Memory(16).loss(mixed, labels, 0.1)


def test_contrast_remembers_earlier_batches_and_forgets_the_oldest() -> None:
    memory = Memory(3)
    alone, like = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    memory.remember(alone, torch.tensor([0]))
    assert memory.loss(like, torch.tensor([0, 1]), 0.1) > 0
    assert memory.loss(like, torch.tensor([2, 1]), 0.1) == 0.0  # none of their like is known
    memory.remember(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), torch.tensor([1, 1, 1]))
    assert memory.loss(alone, torch.tensor([0]), 0.1) == 0.0  # its like are forgotten


def test_cores_share_a_batch_and_come_to_the_same_weights() -> None:
    def weights_after_a_step(cores: int) -> torch.Tensor:
        recipe = replace(Recipe(), dropout=0.0, seed=5)
        torch.manual_seed(0)
        network = TwoHeads(find_base_model().folder, 3, 4, recipe).train()
        torch.set_num_threads(cores)
        learner = Learner(
            network,
            TOKENIZER,
            torch.optim.SGD(network.parameters(), lr=0.1),
            120,
            replace(recipe, contrast=0.0),
        )
        assert learner.learn(TRAIN[20:60] + TRAIN[130:140]) > 0
        return network.intents.weight.detach()

    before = torch.get_num_threads()
    try:
        torch.testing.assert_close(weights_after_a_step(1), weights_after_a_step(2), atol=1e-5, rtol=1e-4)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_pooled_dropout_keeps_the_mean_and_is_idle_outside_training(share: float) -> None:
    layer = PooledDropout(share)
    values = torch.ones(100, 1000)
    seed_dropout(3)
    dropped = layer(values)
    assert (dropped == 0).float().mean() == pytest.approx(share, abs=0.01)
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)
    seed_dropout(3)
    assert torch.equal(layer(values), dropped)
    assert torch.equal(layer.eval()(values), values)


def test_the_lowest_layers_of_the_encoder_do_not_learn_nor_does_what_is_under_them() -> None:
    network = TwoHeads(find_base_model().folder, 3, 4, replace(Recipe(), frozen_layers=2))
    learn = {name for name, weight in network.encoder.named_parameters() if weight.requires_grad}
    assert {name.split("layer.")[1][0] for name in learn if "layer." in name} == {"2", "3", "4", "5"}
    assert all("layer." in name for name in learn)


def test_without_frozen_layers_all_but_the_words_learns() -> None:
    network = TwoHeads(find_base_model().folder, 3, 4, replace(Recipe(), frozen_layers=0))
    fixed = [name for name, weight in network.encoder.named_parameters() if not weight.requires_grad]
    assert fixed == ["embeddings.word_embeddings.weight"]


@pytest.mark.parametrize("kind", ["DistilBert", "ModernBert"])
def test_a_base_model_of_a_kind_that_does_not_fit_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    getattr(transformers, f"{kind}Config")().save_pretrained(tmp_path)
    with pytest.raises(BaseModelError, match="BERT, RoBERTa and MPNet models have") as caught:
        TwoHeads(tmp_path, 3, 4, Recipe())
    assert "\n" not in str(caught.value)
    assert "no attention_probs_dropout_prob" in str(caught.value)


def test_a_folder_that_says_no_kind_of_model_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BaseModelError, match="unknown kind of model") as caught:
        TwoHeads(tmp_path, 3, 4, Recipe())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "MPNet"])
def test_base_models_of_the_kinds_that_the_refusal_names_are_taken(tmp_path: Path, kind: str) -> None:
    config = getattr(transformers, f"{kind}Config")(
        hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, vocab_size=20
    )
    getattr(transformers, f"{kind}Model")(config).save_pretrained(tmp_path)
    ids = torch.ones(1, 3, dtype=torch.long)
    assert TwoHeads(tmp_path, 3, 4, Recipe())(ids, ids)[0].shape == (1, 3)


def test_an_adversary_moves_the_words_of_a_pass_by_its_length_along_the_gradient() -> None:
    words = nn.Embedding(10, 4)
    adversary = Adversary(words, 0.5)
    ids = torch.tensor([[1, 2], [3, 4]])
    plain = words(ids).detach()
    with adversary.watching():
        loss = (words(ids)[0, 0] * torch.tensor([3.0, 0.0, 4.0, 0.0])).sum()
    (gradient,) = torch.autograd.grad(loss, [adversary.seen])
    with adversary.moving(gradient):
        moved = words(ids)
    assert torch.allclose(moved[0, 0] - plain[0, 0], torch.tensor([0.3, 0.0, 0.4, 0.0]))
    assert torch.equal(moved[1], plain[1]), "nothing hurts this message"
    assert torch.equal(words(ids), plain)


def test_a_pass_that_nobody_watched_has_no_words() -> None:
    adversary = Adversary(nn.Embedding(10, 4), 0.5)
    with pytest.raises(RuntimeError, match="watched"):
        _ = adversary.seen


def test_with_an_adversary_the_words_hurt_less_when_they_are_moved() -> None:
    """What it is for: the same batches, with and without; then the loss where words are moved."""

    def loss_of_moved_words(length: float) -> float:
        torch.manual_seed(1)
        recipe = replace(Recipe(), adversary=length, contrast=0.0, dropout=0.0, learning_rate=1e-3)
        network = TwoHeads(find_base_model().folder, 3, 2, recipe)
        weights = [weight for weight in network.parameters() if weight.requires_grad]
        learner = Learner(network, TOKENIZER, torch.optim.SGD(weights, lr=0.05), 120, recipe)
        network.train()
        wishes = [example for example in TRAIN if example.intents][::3]
        for _ in range(6):
            learner.learn(wishes)
        judge = Adversary(network.words, 2.0)
        ids, mask = pad(TOKENIZER.encode_batch([example.text for example in wishes]))
        truth = torch.tensor([example.intents[0] for example in wishes])
        with judge.watching():
            loss = functional.cross_entropy(network(ids, mask)[0], truth)
        (gradient,) = torch.autograd.grad(loss, [judge.seen])
        with judge.moving(gradient), torch.no_grad():
            return float(functional.cross_entropy(network(ids, mask)[0], truth))

    assert loss_of_moved_words(2.0) < loss_of_moved_words(0.0)
