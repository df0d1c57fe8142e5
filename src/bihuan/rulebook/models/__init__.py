from .policy import PolicyVersion, StoredPolicy

__all__ = ["PolicyVersion", "StoredPolicy"]
