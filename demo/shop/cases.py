"""Warranty of what was ordered, and cases: something is defect, and the customer would like it put right."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.shop import acts, documents
from demo.shop.acts import Moment
from demo.shop.tables import CaseKind, CaseRow, CaseStatus, ItemRow, OrderRow, Remedy
from demo.shop.wording import day, local_day


class ItemWarranty(BaseModel):
    """Of one line; the days are None until it is delivered. `case_id`: of an open case about it."""

    sku: str
    name: str
    months: int
    starts_on: date | None
    ends_on: date | None
    covered: bool
    case_id: str | None


class Warranties(BaseModel):
    items: list[ItemWarranty]


class Case(BaseModel):
    """`answer_by`: until when somebody has looked at it."""

    case_id: str
    order_id: str
    kind: CaseKind
    sku: str
    name: str
    problem: str
    remedy: Remedy
    status: CaseStatus
    opened_at: str
    answer_by: date

    @classmethod
    def of(cls, row: CaseRow, name: str) -> Self:
        return cls(
            case_id=row.case_id,
            order_id=row.order_id,
            kind=row.kind,
            sku=row.sku,
            name=name,
            problem=row.problem,
            remedy=row.remedy,
            status=row.status,
            opened_at=row.opened_at.isoformat(),
            answer_by=row.answer_by,
        )


class Cases(BaseModel):
    cases: list[Case]


class OpenedCase(BaseModel):
    case: Case
    act: documents.Act
    message: str


class NewCase(BaseModel):
    sku: str
    kind: CaseKind
    problem: str
    remedy: Remedy


async def warranties(session: AsyncSession, order: OrderRow, at: Moment) -> Warranties:
    """How long each line of the order is under warranty."""
    open_cases = {c.sku: c.case_id for c in await rows_of(session, order) if c.status == "open"}
    return Warranties(items=[_warranty(item, order, open_cases.get(item.sku), at) for item in order.items])


async def cases(session: AsyncSession, order: OrderRow) -> Cases:
    names = {item.sku: item.name for item in order.items}
    return Cases(cases=[Case.of(row, names.get(row.sku, row.sku)) for row in await rows_of(session, order)])


async def rows_of(session: AsyncSession, order: OrderRow) -> Sequence[CaseRow]:
    """All cases of the order, newest first."""
    query = select(CaseRow).where(CaseRow.order_id == order.order_id).order_by(CaseRow.case_id.desc())
    return (await session.scalars(query)).all()


async def open_case(session: AsyncSession, order: OrderRow, new: NewCase, at: Moment) -> OpenedCase:
    """Take down a defect, or a claim on the warranty, for a line of a locked order.

    Raises:
        Problem: 409 `not-delivered`, `no-warranty`, `no-replacement`, `case-open`, each with a sentence for the customer.
    """
    item = next((line for line in order.items if line.sku == new.sku), None)
    if item is None:
        raise Problem(409, "not-in-order", "That is not part of this order.")
    opened = next((c for c in await rows_of(session, order) if c.sku == new.sku and c.status == "open"), None)
    if opened is not None:
        by = day(opened.answer_by, at.now)
        raise Problem(
            409, "case-open", f"Case {opened.case_id} about it is open already; you hear from us by {by}."
        )
    warranty = _warranty(item, order, None, at)
    if warranty.ends_on is None:
        raise Problem(
            409, "not-delivered", "It has not been delivered yet, so there is nothing to put right."
        )
    if not warranty.covered:
        raise Problem(
            409,
            "no-warranty",
            f"Its warranty of {warranty.months} months ended on {day(warranty.ends_on, at.now)}.",
        )
    if new.remedy == "replacement" and not _replaceable(order, at):
        days = at.policy.warranty.replacement_within_days
        raise Problem(
            409,
            "no-replacement",
            f"A new one is possible within {days} days of delivery; after that it is repaired.",
        )
    row = CaseRow(
        case_id=f"CS-{await acts.number(session, 'case_numbers')}",
        order_id=order.order_id,
        sku=new.sku,
        kind=new.kind,
        problem=new.problem,
        remedy=new.remedy,
        status="open",
        opened_at=at.now,
        answer_by=local_day(at.now) + timedelta(days=at.policy.warranty.answer_days),
    )
    session.add(row)
    act = await acts.record(
        session, "case", order.customer_id, {"case_id": row.case_id}, at, order_id=order.order_id
    )
    by = day(row.answer_by, at.now)
    message = f"Case {row.case_id} about {item.name} is open; somebody looks at it by {by}."
    return OpenedCase(case=Case.of(row, item.name), act=documents.Act.of(act), message=message)


async def withdraw(session: AsyncSession, case_id: str) -> None:
    """Take a case back."""
    row = await session.get_one(CaseRow, case_id)
    row.status = "withdrawn"


def _warranty(item: ItemRow, order: OrderRow, case_id: str | None, at: Moment) -> ItemWarranty:
    product = at.catalogue.by_sku().get(item.sku)
    months = product.warranty_months if product else 0
    starts = local_day(order.delivered_at) if order.delivered_at else None
    ends = months_later(starts, months) if starts else None
    return ItemWarranty(
        sku=item.sku,
        name=item.name,
        months=months,
        starts_on=starts,
        ends_on=ends,
        covered=ends is not None
        and local_day(at.now) <= ends
        and order.status in {"delivered", "return_requested"},
        case_id=case_id,
    )


def _replaceable(order: OrderRow, at: Moment) -> bool:
    within = timedelta(days=at.policy.warranty.replacement_within_days)
    return order.delivered_at is not None and local_day(at.now) <= local_day(order.delivered_at) + within


def months_later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
