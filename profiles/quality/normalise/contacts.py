"""E-mail addresses and phone numbers."""

import re
import unicodedata

import phonenumbers

#: RFC 5321; the part before the @ as mail systems take it, not everything that the RFC would allow.
LONGEST_EMAIL = 254
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_NAMED = re.compile(r"[^<>]*<([^<>]+)>")
_LONGEST_LOCAL = 64


def email_of(text: str) -> str | None:
    """An address in small letters, as `crypto.normalise` compares them; international domains as `xn--…`.

    Args:
        text: also `Maria <maria@example.org>` and `mailto:maria@example.org`.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    named = _NAMED.fullmatch(plain)
    plain = (named[1] if named else plain).strip().removeprefix("mailto:").lower()
    local, at, domain = plain.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    if not at or len(local) > _LONGEST_LOCAL or len(local) + 1 + len(domain) > LONGEST_EMAIL:
        return None
    return f"{local}@{domain}" if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None


def phone_of(text: str, country: str = "GB") -> str | None:
    """A number as `+442079460018`.

    Possible numbers are enough: the ranges that exist change, and those that are kept free for films and for
    tests (07700 900…) are in no range.

    Args:
        text: however it is grouped; without a country's code it is taken as one of `country`.
        country: two capital letters.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) > 40 or any(character.isalpha() for character in plain):
        return None
    try:
        number = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
