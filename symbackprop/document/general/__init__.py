"""The sections of networks of any shape, stage by stage."""
