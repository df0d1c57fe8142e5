from .imports import Import, ImportChange, SourceMapping

__all__ = ["Import", "ImportChange", "SourceMapping"]
