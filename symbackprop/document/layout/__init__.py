"""Layout: widths and heights, lines broken and aligned, matrices and tables, pages counted."""
