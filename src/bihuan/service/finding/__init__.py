"""Finding cases again: by what people type, by likeness to another case, and before the same is written down twice."""
