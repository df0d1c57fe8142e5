from .access import AccessOverride
from .staff import Team, User, UserRole

__all__ = ["AccessOverride", "Team", "User", "UserRole"]
