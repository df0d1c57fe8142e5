"""Who a session belongs to, loaded with posts and access stamp in one query."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from .actors import people_with_access
from .models import User


class PeopleBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        user = people_with_access().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
