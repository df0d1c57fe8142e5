"""Small pictures of photos: a phone shows twenty of them at once, and the originals are for whoever opens one."""

from __future__ import annotations

import contextlib
import io
import warnings

from .store import keep, path_of

SIDE = 480
# What a camera of today takes, four times over. More is no photo but a bomb.
MOST_PIXELS = 200_000_000


def small_picture(sha256: str) -> str:
    """The digest of a picture of at most `SIDE` pixels each way, upright, as WebP without the photo's own data (place,
    camera); empty for what cannot be drawn or has no need to be small."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # heavy, and only who attaches a photo needs it

    path = path_of(sha256)
    if path.stat().st_size <= 60_000:
        return ""
    refused = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)
    with contextlib.suppress(*refused), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return ""
            opened.draft("RGB", (SIDE * 2, SIDE * 2))
            drawn = ImageOps.exif_transpose(opened).convert("RGB")
            drawn.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            drawn.save(out, "WEBP", quality=80)
            return keep(out.getvalue())
    return ""
