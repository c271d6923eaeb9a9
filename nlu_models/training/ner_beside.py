"""The training of the recogniser in a process of its own.

It has what the fine-tuning of the encoder leaves of the cores, and one of them when that is done: what follows uses
only one as well.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from threadpoolctl import threadpool_limits

from nlu_models.training.ner import NerProgress
from nlu_models.training.ner_shop import Recogniser, add_recogniser
from nlu_models.training.split import Split


@contextmanager
def recogniser_beside(
    folder: Path, parts: Split, seed: int, report: Callable[[NerProgress], None]
) -> Iterator[Future[Recogniser]]:
    """Begin `add_recogniser` in another process; its result, or its error, comes to the future.

    At the end the process is gone, whether its result was waited for or not. Another thread calls `report`.

    Raises (the future):
        EOFError: the process died.
        Exception: its error, or that of `report`; where the error can't be passed on, that it can't.
    """
    # A forked process would have torch's locks, but not the threads that hold them.
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_train, args=(sender, folder, parts, seed), daemon=True)
    process.start()
    # So that the end of the process is the end of what can be received.
    sender.close()
    result: Future[Recogniser] = Future()
    listener = Thread(target=_listen, args=(receiver, result, report), daemon=True)
    listener.start()
    try:
        yield result
    finally:
        process.terminate()
        process.join()
        listener.join()
        receiver.close()


def _train(sender: Connection, folder: Path, parts: Split, seed: int) -> None:
    os.nice(19)
    # Ctrl-C reaches every process of the terminal; the one that waits for this one says so and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with threadpool_limits(1):
            sender.send(add_recogniser(folder, parts, seed, sender.send))
    except Exception as error:
        sender.send(error)
        raise


def _listen(receiver: Connection, result: Future[Recogniser], report: Callable[[NerProgress], None]) -> None:
    """Whatever happens, something comes to the future: else who asks for it would wait for ever."""
    try:
        while isinstance(message := receiver.recv(), NerProgress):
            report(message)
    except EOFError:
        result.set_exception(EOFError("the process that trained the recogniser of entities died"))
    except BaseException as error:
        # What came can't be read, as some errors of libraries can't, or nobody takes the progress.
        result.set_exception(error)
    else:
        if isinstance(message, Recogniser):
            result.set_result(message)
        else:
            result.set_exception(message)
