"""The document: all decisions about what stands on a sheet, and where."""
