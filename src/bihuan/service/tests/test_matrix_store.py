"""The company's matrix is kept in versions, and changed only by those who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.service.matrix import MatrixFault
from bihuan.service.matrix_store import find_desk, find_matrix, matrix_versions, put_matrix_in_force
from bihuan.service.tests.matrices import small_matrix

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_the_first_matrix_counts_from_the_start_and_the_next_from_its_moment() -> None:
    assert find_matrix() is None and find_desk() is None and not matrix_versions()
    put_matrix_in_force(actor=SYSTEM, document=small_matrix(), now=NOW)
    changed = small_matrix()
    changed["promises"][0]["minutes"] = 30
    put_matrix_in_force(actor=SYSTEM, document=changed, now=NOW + timedelta(days=1))
    assert [moment for moment, _matrix in matrix_versions()] == [None, NOW + timedelta(days=1)]
    desk = find_desk()
    assert desk is not None and len(desk.policies) == 2
    found = find_matrix()
    assert found is not None and found.on_cases.promises[0].promise.amount == 90 * 60 * 10**6
    assert Entry.objects.filter(action="service_matrix.changed").count() == 2


@pytest.mark.django_db
def test_the_same_matrix_again_changes_nothing() -> None:
    for day in range(3):
        put_matrix_in_force(actor=SYSTEM, document=small_matrix(), now=NOW + timedelta(days=day))
    assert len(matrix_versions()) == 1
    assert Entry.objects.filter(action="service_matrix.changed").count() == 1


@pytest.mark.django_db
def test_a_broken_matrix_is_not_stored() -> None:
    put_matrix_in_force(actor=SYSTEM, document=small_matrix(), now=NOW)
    with pytest.raises(MatrixFault):
        put_matrix_in_force(actor=SYSTEM, document={**small_matrix(), "untiered": "silver"}, now=NOW)
    assert len(matrix_versions()) == 1


@pytest.mark.django_db
def test_nobody_changes_it_without_the_right_to() -> None:
    with pytest.raises(NotAllowed):
        put_matrix_in_force(actor=Actor(kind="staff", name="演示员工"), document=small_matrix(), now=NOW)
