"""The commands of `python -m nlu_models`, one module each.

A command module has `add_parser(subparsers)`, which describes it, and `run(options) -> int`, which does it and
returns the exit code. What is slow to import (torch, scikit-learn) is imported in `run`.
"""

from types import ModuleType

from nlu_models.commands import (
    benchmark,
    check,
    evaluate,
    export_sentences,
    fit,
    list_models,
    mask,
    path,
    predict,
    promote,
    rollback,
    train,
)

#: In the order in which `--help` names them.
COMMANDS: tuple[ModuleType, ...] = (
    train,
    check,
    path,
    predict,
    mask,
    evaluate,
    fit,
    benchmark,
    list_models,
    promote,
    rollback,
    export_sentences,
)
