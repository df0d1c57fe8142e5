"""QR codes as SVG, as documents and pages take them."""

from __future__ import annotations

import segno


def qr_svg(text: str) -> str:
    """An SVG of the QR code: error correction M or better, the quiet zone of four modules around it."""
    code: str = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, light="white")
    return (
        code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns" not in code else code
    )
