"""Run every Python block of a MkDocs site alone, record the run, render the record."""
