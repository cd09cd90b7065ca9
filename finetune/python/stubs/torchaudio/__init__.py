"""Stands in for torchaudio, which LLaMA-Factory imports at its start and uses for rows with sound only.

torchaudio's own wheels must match torch's build to the digit and bring CUDA with them. Anything that is really asked of
this module fails with AttributeError.
"""
