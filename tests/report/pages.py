"""Every made-up result whose page the browser tests look at, by name."""

from example import OUTCOMES, hostile
from strange import strange

PAGES = {**OUTCOMES, "hostile": hostile, "strange": strange}
