"""Where cases and lots meet: the lots of a case and of an investigation, the cases of a lot."""
