"""The request of a turn, as the contract has it (pydantic 1, which Rasa pins)."""

from typing import Any

from pydantic import BaseModel, Field, StrictStr, ValidationError, constr, root_validator

from bot.problems import Problem

#: Web refuses longer messages; this only protects the bot.
MAX_CHARACTERS = 20_000

# Part of keys in Redis.
Id = constr(regex=r"^[A-Za-z0-9_.-]{1,64}$")


class Entity(BaseModel):
    """An entity that a command brings along."""

    entity: constr(min_length=1, max_length=64)
    value: Any


class Command(BaseModel):
    """A ready understanding: a quick reply that web resolved, or web's own word to the bot."""

    intent: constr(min_length=1, max_length=64)
    entities: list[Entity] = Field(default_factory=list, max_items=20)


class Customer(BaseModel):
    """Who speaks. Version and consent are missing when the profile service could not be reached."""

    customer_id: constr(min_length=1, max_length=64)
    profile_version: int | None = None
    consent: dict[str, bool] | None = None


class TurnRequest(BaseModel):
    """One message of a customer, or one command."""

    turn_id: Id
    conversation_id: Id
    owner_epoch: int = Field(ge=0)
    text: StrictStr | None = Field(default=None, max_length=MAX_CHARACTERS)
    command: Command | None = None
    customer: Customer | None = None

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if values["command"] is None and not (values["text"] or "").strip():
            raise ValueError("a turn needs a text or a command")
        return values

    @property
    def metadata(self) -> dict[str, Any]:
        """What travels with the message to the actions."""
        return {
            "turn_id": self.turn_id,
            "conversation_id": self.conversation_id,
            "owner_epoch": self.owner_epoch,
            "customer": self.customer.dict() if self.customer else None,
        }


def read(body: Any) -> TurnRequest:
    """Validate the body of a request.

    Raises:
        Problem: 422 with each fault and where it is.
    """
    try:
        return TurnRequest.parse_obj(body)
    except ValidationError as error:
        errors = [
            {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "detail": item["msg"]}
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['pointer']}: {item['detail']}" for item in errors)
        raise Problem(422, "invalid-request", detail, errors=errors) from None
