"""Formats for texts and for transcripts of audio."""
