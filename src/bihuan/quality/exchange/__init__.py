"""What other companies tell of lots and what we tell them: events captured, joined to ours, exported (see `quality.epcis`)."""
