"""Which content is loaded: a fingerprint of everything that decides what seeding writes, but the day."""

import hashlib

from demo import catalogue, personas, policy
from demo.generator import people
from demo.generator.world import GENERATOR_VERSION


def fingerprint(seed: int, customers: int) -> str:
    digest = hashlib.sha256(f"{GENERATOR_VERSION} {seed} {customers}".encode())
    for path in (catalogue.PATH, policy.PATH, personas.PERSONAS, people.NAMES):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
