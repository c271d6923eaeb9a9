"""Newsletters by topic."""

from datetime import timedelta

from pydantic import BaseModel
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from demo.identity import email_hash
from demo.policy import Topic
from demo.shop import accounts, acts, addresses, documents, mail
from demo.shop.acts import Moment
from demo.shop.tables import SubscriptionRow
from demo.shop.wording import listed


class TopicState(BaseModel):
    topic: Topic
    title: str
    subscribed: bool


class Newsletters(BaseModel):
    topics: list[TopicState]


class ChangedNewsletters(BaseModel):
    """`topics` is empty for one who is not signed in. `to_confirm`: a link was mailed that begins it."""

    topics: list[TopicState]
    to_confirm: bool
    sent_to: str | None
    act: documents.Act | None
    message: str


async def of(session: AsyncSession, customer_id: str, at: Moment) -> Newsletters:
    """Each topic, and whether this customer gets it."""
    own = email_hash(accounts.email_of(await accounts.row(session, customer_id, at), at), at.data_key)
    return Newsletters(topics=_states(await _subscribed(session, own), at))


async def change(
    session: AsyncSession, customer_id: str, topics: list[Topic], wanted: bool, at: Moment
) -> ChangedNewsletters:
    """Begin or stop these topics for a signed-in customer, at once."""
    account = await accounts.row(session, customer_id, at, lock=True)
    own = email_hash(accounts.email_of(account, at), at.data_key)
    before = await _subscribed(session, own)
    after = before | set(topics) if wanted else before - set(topics)
    names = _names(topics, at)
    act = None
    if after == before:
        message = f"You get {names} already." if wanted else f"You don't get {names} at present."
    else:
        await put(session, own, after, at)
        act = documents.Act.of(
            await acts.record(session, "newsletter", customer_id, {"topics": sorted(before)}, at)
        )
        message = f"You get {names} from now on." if wanted else f"You won't get {names} any more."
    return ChangedNewsletters(
        topics=_states(after, at), to_confirm=False, sent_to=None, act=act, message=message
    )


async def change_by_email(
    session: AsyncSession, email: str, topics: list[Topic], wanted: bool, at: Moment
) -> ChangedNewsletters:
    """Stop these topics for an address at once; or mail it a link that begins them.

    The answer does not tell what the address got before.

    Raises:
        Problem: 422 `not-an-email`.
    """
    email = addresses.email(email)
    names, masked = _names(topics, at), addresses.masked_email(email)
    if not wanted:
        own = email_hash(email, at.data_key)
        await session.execute(
            delete(SubscriptionRow).where(
                SubscriptionRow.email_hash == own, SubscriptionRow.topic.in_(topics)
            )
        )
        message = f"{masked} won't get {names} any more."
        return ChangedNewsletters(topics=[], to_confirm=False, sent_to=masked, act=None, message=message)
    if await mail.too_many(session, email, "newsletter", at):
        message = (
            f"Several e-mails went to {masked} within the last hour; please look in the spam folder too."
        )
        return ChangedNewsletters(topics=[], to_confirm=True, sent_to=masked, act=None, message=message)
    until = at.now + timedelta(hours=at.policy.accounts.link_hours)
    about = {"email_hash": email_hash(email, at.data_key).hex(), "topics": list(topics)}
    link = mail.link(session, "newsletter", about, until)
    await mail.send(
        session, email, mail.Message("newsletter", "Please confirm", f"To get {names}, follow {link}"), at
    )
    message = f"We've sent a link to {masked}; {names} begin when it is followed."
    return ChangedNewsletters(topics=[], to_confirm=True, sent_to=masked, act=None, message=message)


async def put(session: AsyncSession, own: bytes, topics: set[Topic], at: Moment) -> None:
    """Let this address get exactly these topics."""
    await session.execute(
        delete(SubscriptionRow).where(SubscriptionRow.email_hash == own, SubscriptionRow.topic.not_in(topics))
    )
    await begin(session, own, topics, at)


async def begin(session: AsyncSession, own: bytes, topics: set[Topic], at: Moment) -> None:
    """Let this address get these topics too."""
    if topics:
        rows = [{"email_hash": own, "topic": topic, "since": at.now} for topic in sorted(topics)]
        await session.execute(insert(SubscriptionRow).values(rows).on_conflict_do_nothing())


async def _subscribed(session: AsyncSession, own: bytes) -> set[Topic]:
    return set(await session.scalars(select(SubscriptionRow.topic).where(SubscriptionRow.email_hash == own)))


def _states(subscribed: set[Topic], at: Moment) -> list[TopicState]:
    return [
        TopicState(topic=topic, title=title, subscribed=topic in subscribed)
        for topic, title in at.policy.newsletters.items()
    ]


def _names(topics: list[Topic], at: Moment) -> str:
    return f"our e-mails about {listed([at.policy.newsletters[topic] for topic in topics])}"
