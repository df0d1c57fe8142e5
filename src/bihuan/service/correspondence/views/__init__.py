"""Pages and dialogs of correspondence."""
