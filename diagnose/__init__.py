"""Is a sequence model worth building on our log?"""

__version__ = "0.1.0"
