from .access import AccessOverride
from .duty import Absence, DutyShift
from .staff import Team, User, UserRole
from .token import AccessToken

__all__ = ["Absence", "AccessOverride", "AccessToken", "DutyShift", "Team", "User", "UserRole"]
