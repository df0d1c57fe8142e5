"""What may never be called one person on weight alone: relatives at one address, twins, father and son of one name."""

from rapidfuzz.distance import OSA, JaroWinkler

type Person = dict[str, str | None]


def _near(a: str | None, b: str | None, slips: int) -> bool | None:
    """Whether two values agree within so many slips; None where one is missing."""
    if not a or not b:
        return None
    return OSA.distance(a, b, score_cutoff=slips) <= slips


def _name_agrees(a: Person, b: Person, field: str) -> bool | None:
    left, right = a.get(field), b.get(field)
    if not left or not right:
        return None
    if JaroWinkler.similarity(left, right) >= 0.75 or (
        min(len(left), len(right)) <= 2 and left[0] == right[0]
    ):
        return True
    other = "surname" if field == "given_name" else "given_name"
    return left == b.get(other) or right == a.get(other)


def person_guard(a: Person, b: Person) -> tuple[bool, bool]:
    """(may be merged, is vetoed) for two persons whose weight is high.

    Asks for an identifier that agrees (number, birth date, mail or phone) beside a name; where the given names
    or the birth dates contradict, for a number, and that nothing else contradicts.
    """
    given, surname = _name_agrees(a, b, "given_name"), _name_agrees(a, b, "surname")
    birth = _near(a.get("birth_date"), b.get("birth_date"), 2)
    number = _near(a.get("national_id"), b.get("national_id"), 2)
    mail, phone = _near(a.get("email"), b.get("email"), 2), _near(a.get("phone"), b.get("phone"), 1)
    against = [given is False, surname is False, birth is False, number is False].count(True)
    if number is False and birth is False:
        return False, True
    if given is False and birth is not True and number is not True:
        return False, True
    if against >= 2 and not (number and birth):
        return False, False
    if (given is False or birth is False) and not number and not (mail and given is not False):
        return False, False
    identified = bool(number) + bool(birth) + bool(mail) + bool(phone)
    named = bool(given) + bool(surname)
    if not named:
        return bool(number and birth), False
    if not identified:
        return False, False
    # One number alone, with a name of which half is missing or different, may belong to somebody of the house.
    return identified >= 2 or named == 2 or bool(number), False
