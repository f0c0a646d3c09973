"""The renderers: a document as LaTeX, as Typst, as plain text, as speech."""
