"""Reading other people's files: pure, without the ORM, in bounded memory.

A file passes through named steps, each usable alone:

1. ``sniff`` says what the bytes are (not what the name claims) and how text is encoded and separated;
2. ``table`` finds the header among titles and merged cells, and yields column batches;
3. ``columns`` decides, over all values of a column, how its dates and numbers are written;
4. ``mapping`` guesses which column is which field, or takes a remembered or given mapping;
5. ``parsers`` turn a column of cells into values, each distinct cell once, and each failure into a reason.

Nothing here writes. Whoever reads a file that cannot be read gets ``ImportRefused`` with a stable code.
"""
