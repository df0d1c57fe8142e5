from .access import AccessOverride
from .duty import Absence, DutyShift
from .staff import Team, User, UserRole

__all__ = ["Absence", "AccessOverride", "DutyShift", "Team", "User", "UserRole"]
