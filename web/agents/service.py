"""The agents' part of a web process."""

from dataclasses import dataclass

from web.agents.audit import Audit
from web.agents.customer import CustomerSources
from web.agents.inbox import Inbox
from web.agents.staff import StaffRecords
from web.agents.transcript import Transcripts
from web.agents.writing import Writing
from web.chat.database import Database


@dataclass(frozen=True)
class Agents:
    staff: StaffRecords
    audit: Audit
    inbox: Inbox
    transcripts: Transcripts
    writing: Writing
    customers: CustomerSources


def agents_with(database: Database, customers: CustomerSources) -> Agents:
    return Agents(
        StaffRecords(database),
        Audit(database),
        Inbox(database),
        Transcripts(database),
        Writing(database),
        customers,
    )
