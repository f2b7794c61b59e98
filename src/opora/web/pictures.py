"""Pictures that are drawn from text."""

from __future__ import annotations

import base64

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode


def qr_picture(text: str) -> str:
    """`text` as a QR code, as the address of a picture (SVG) that needs no other call."""
    code = QRCode(image_factory=SvgPathImage, border=4, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    drawn = code.make_image().to_string()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode('ascii')}"
