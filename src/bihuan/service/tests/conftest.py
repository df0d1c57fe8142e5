from __future__ import annotations

import pytest

from bihuan.segmentation.models import Standing

from .desk import Company, build_company
from .objecting import Objecting, steel_matrix


@pytest.fixture
def company(db: None) -> Company:
    return build_company()


@pytest.fixture
def mill(company: Company) -> Company:
    """A mill: its matrix, and the customer is a strategic user."""
    steel_matrix()
    Standing.objects.filter(customer=company.customer).update(tier="strategic")
    return company


@pytest.fixture
def one(mill: Company) -> Objecting:
    """A quality objection of the mill's user, just written down."""
    return Objecting(mill)
