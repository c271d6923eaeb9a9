"""A whole conversation, put together for agents."""

from uuid import UUID

from web.agents.inbox import item
from web.agents.schemas import ConversationDetail
from web.agents.summary import summary
from web.agents.transcript import open_form, shown_events, shown_notes
from web.chat.records import ConversationUnknown
from web.chat.service import Service


async def detail(service: Service, conversation_id: UUID) -> ConversationDetail:
    """
    Raises:
        ConversationUnknown
    """
    # The transcript first: what comes meanwhile makes the numbers newer than the events, never older.
    transcript = await service.agents.transcripts.read(conversation_id)
    row = await service.agents.inbox.row(conversation_id)
    if row is None:
        raise ConversationUnknown
    listed = item(row)
    form = open_form(transcript)
    first = transcript.events[0].seq if transcript.events else 1
    return ConversationDetail(
        **dict(listed),
        created_at=row.created_at,
        outcome=row.outcome,
        events=shown_events(transcript),
        more_before=first - 1,
        notes=shown_notes(transcript),
        summary=summary(listed, transcript, form),
        form=form,
    )
