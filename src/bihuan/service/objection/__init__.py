"""Quality objections: intake, stages, joint samples, liability, settlement with its approvals, agreement and posting."""
