"""What customers agreed to, and when they changed their mind."""

from datetime import datetime, timedelta

import numpy as np

from demo.generator.setting import Person
from demo.records import PURPOSES, Behaviour, Consent, Purpose

_AGREE: dict[Purpose, float] = {
    "service": 1.0,
    "personalisation": 0.78,
    "analytics": 0.66,
    "training": 0.32,
    "marketing": 0.42,
}
_AGREE_OTHERWISE: dict[Behaviour, dict[Purpose, float]] = {
    "bargain_hunter": {"marketing": 0.8},
    "power_user": {"training": 0.5},
    "loyal_high_value": {"personalisation": 0.86},
}
_CHANGE = 0.05


def consents_of(person: Person, now: datetime, rng: np.random.Generator) -> list[Consent]:
    """The customer's word on each purpose at sign-up, and each later change, oldest first."""
    said = []
    signed_up, quiet_from = person.signed_up, person.quiet_from
    chances = _AGREE | _AGREE_OTHERWISE.get(person.behaviour, {})
    for purpose in PURPOSES:
        granted = bool(rng.random() < chances[purpose])
        said.append(Consent(purpose, granted, "sign-up", signed_up))
        if purpose == "service":
            continue
        if quiet_from is not None and purpose == "marketing" and granted and rng.random() < 0.4:
            at = max(quiet_from + timedelta(days=float(rng.uniform(0, 30))), signed_up + timedelta(hours=1))
            said.append(Consent(purpose, False, "unsubscribe link", at.replace(microsecond=0)))
        elif rng.random() < _CHANGE:
            at = signed_up + timedelta(hours=1) + (now - signed_up) * 0.9 * float(rng.random())
            said.append(Consent(purpose, not granted, "account settings", at.replace(microsecond=0)))
    return [consent for consent in said if consent.at < now]
