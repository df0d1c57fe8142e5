from .competitor import Competitor, CustomerCompetitor
from .contact import Contact
from .customer import Customer, CustomerFact, CustomerName, CustomerRelation, Site
from .duplicate import DuplicateCluster, DuplicateMember, DuplicatePair, Merge, MergeMove, NoDuplicate
from .tag import CustomerTag, Tag

__all__ = [
    "Competitor",
    "Contact",
    "Customer",
    "CustomerCompetitor",
    "CustomerFact",
    "CustomerName",
    "CustomerRelation",
    "CustomerTag",
    "DuplicateCluster",
    "DuplicateMember",
    "DuplicatePair",
    "Merge",
    "MergeMove",
    "NoDuplicate",
    "Site",
    "Tag",
]
