"""Why something can't be done."""

from web.training.shapes.files import Fault


class Refused(Exception):
    """It can't be done now; the message is one line for the trainer."""


class FileChanged(Refused):
    """The file is not as it was when it was read: somebody else changed it."""


class AlreadyDecided(Refused):
    """A trainer has decided this message in the meantime."""


class TrainingUnderWay(Refused):
    """One training at a time."""


class Faulty(Refused):
    """The data would be unusable; `faults` says where and why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.path}:{fault.line}: {fault.message}" for fault in faults))
        self.faults = faults
