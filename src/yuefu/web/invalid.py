"""What pydantic finds wrong in a part of a request, as the error of the whole request."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError


def invalid(error: ValidationError, place: str) -> RequestValidationError:
    """The same faults, with the place of the part before theirs."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return RequestValidationError([{**fault, "loc": ("body", place, *fault["loc"])} for fault in faults])
