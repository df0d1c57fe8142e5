"""Bringing files in: survey, plan, write, undo.

`run.run_import` reads a file twice. The survey decides how columns are written and what each document's and each
record's last word is; then each batch of rows is planned and, unless this is a dry run, written and committed with a
checkpoint. Planner and counts are the same in both cases: a dry run only lacks the writer.
"""
