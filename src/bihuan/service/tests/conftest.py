from __future__ import annotations

import pytest

from .desk import Company, build_company


@pytest.fixture
def company(db: None) -> Company:
    return build_company()
