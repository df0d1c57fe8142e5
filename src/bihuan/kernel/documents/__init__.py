"""Printed documents: PDF files from Typst templates that stand in rooms' `documents/` folders.

A template is a file `ROOM/documents/NAME.typ`; it begins with `#import "/kernel/documents/base.typ": *`, which gives it the
shared look and `data`. `specimen.typ` beside this file shows all of it.
"""

from .rendering import DocumentError, FontMissing, render_pdf

__all__ = ["DocumentError", "FontMissing", "render_pdf"]
