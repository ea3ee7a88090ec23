"""Files of what was listened to, from elsewhere."""

from yuefu.listening.readers.files import FORMATS, read_listening
from yuefu.listening.readers.found import Found

__all__ = ["FORMATS", "Found", "read_listening"]
