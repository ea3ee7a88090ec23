"""The brief made concrete: form, energy, harmony, instrumentation, and lyrics laid on phrases."""
